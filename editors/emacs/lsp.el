;;; lsp.el --- The server in a real editor  -*- lexical-binding: t -*-
;; Emacs with eglot, in batch, on a copy of the repository's cluster: findings come and go, hover, completion,
;; definition, references, rename over files, style, a code action. It begins with the lines that docs/editors.md
;; gives to users. Ends with 1 and a reason otherwise. COLAB_SETUP is a file with those lines; `colabc' is in PATH.

(require 'cl-lib)
(package-initialize)
(unless (require 'eglot nil t)
  (kill-emacs 3))
(require 'flymake)
(require 'xref)
(setq eglot-autoshutdown nil
      eglot-confirm-server-initiated-edits nil
      eglot-events-buffer-size 0
      create-lockfiles nil
      make-backup-files nil)
(advice-add 'y-or-n-p :override #'always)
(load (getenv "COLAB_SETUP") nil t t)

(defun colab-test-wait (what holds)
  "Let the server talk until HOLDS says so; WHAT is waited for."
  (let ((end (+ (float-time) 60)))
    (while (not (funcall holds))
      (when (> (float-time) end) (error "Waited in vain for %s" what))
      (accept-process-output nil 0.05))))

(defun colab-test-to (text &optional inside)
  "Go to TEXT, INSIDE letters into it."
  (goto-char (point-min))
  (search-forward text)
  (goto-char (+ (match-beginning 0) (or inside 0))))

(defun colab-test-replace (old new)
  "Type NEW in the place of OLD."
  (colab-test-to old)
  (delete-char (length old))
  (insert new))

(defun colab-test-ask (method &optional extra)
  "Ask METHOD at the place, with EXTRA parameters; the answer is of the text as it is."
  (eglot--signal-textDocument/didChange)
  (jsonrpc-request (eglot--current-server-or-lose) method
                   (append (eglot--TextDocumentPositionParams) extra)))

(defun colab-test-said ()
  "What the server found in this file."
  (eglot--signal-textDocument/didChange)
  (flymake-start)
  (mapcar #'flymake-diagnostic-text (flymake-diagnostics)))

(defconst colab-test-root default-directory)

(defun colab-test-text (name)
  "The text of the file NAME of the cluster as the editor has it."
  (with-current-buffer (find-file-noselect (expand-file-name name colab-test-root)) (buffer-string)))

(defun colab-test ()
  "All of it."
  (find-file "services/gitea.colab")
  (unless (eq major-mode 'colab-mode) (error "The mode is %s" major-mode))
  ;; What `eglot-ensure' leaves to the first command.
  (run-hooks 'post-command-hook)
  (colab-test-wait "the server" (lambda () (and (eglot-current-server) (eglot--managed-mode))))
  (flymake-mode 1)
  (colab-test-ask :textDocument/hover) ; answered when the project is checked

  (let ((before (length (colab-test-said))))
    (colab-test-replace "on      = cooperator" "on      = cooperatr")
    (colab-test-wait "a finding" (lambda () (> (length (colab-test-said)) before)))
    (unless (cl-some (lambda (said) (string-match-p "cooperatr" said)) (colab-test-said))
      (error "Another finding: %s" (colab-test-said)))
    (colab-test-to "cooperatr")
    (let* ((place (eglot--pos-to-lsp-position))
           (actions (colab-test-ask :textDocument/codeAction
                                    `(:range (:start ,place :end ,place) :context (:diagnostics [])))))
      (when (zerop (length actions)) (error "No way out is offered"))
      (eglot--apply-workspace-edit (plist-get (aref actions 0) :edit)))
    (colab-test-to "= cooperator")
    (colab-test-wait "the finding to go" (lambda () (= (length (colab-test-said)) before)))

    (colab-test-to "on      = cooperator" 12)
    (let ((hover (plist-get (plist-get (colab-test-ask :textDocument/hover) :contents) :value)))
      (unless (string-match-p "node cooperator" hover) (error "Hover says %s" hover))
      (when (string-match-p "```" hover) (error "Fences are shown: %s" hover)))

    (colab-test-to "depends_on" 3)
    (let* ((capf (run-hook-with-args-until-success 'completion-at-point-functions))
           (offered (all-completions "" (nth 2 capf))))
      (unless (cl-some (lambda (one) (string-match-p "\\`depends_on" one)) offered)
        (error "Offered is %s" offered))
      (when (cl-some (lambda (one) (string-match-p "\\$" one)) offered) (error "Places to fill: %s" offered)))

    (colab-test-to "on      = cooperator" 12)
    (let ((found (xref-backend-references 'eglot (xref-backend-identifier-at-point 'eglot))))
      (unless (> (length found) 3) (error "Only %d references" (length found))))
    (let* ((found (xref-backend-definitions 'eglot (xref-backend-identifier-at-point 'eglot)))
           (place (xref-location-marker (xref-item-location (car found)))))
      (with-current-buffer (marker-buffer place)
        (goto-char place)
        (unless (looking-at "cooperator {") (error "Definition leads elsewhere"))))

    (colab-test-to "on      = cooperator" 12)
    (eglot-rename "boss")
    (unless (string-match-p "^node boss" (colab-test-text "nodes/cooperator.colab")) (error "The node keeps its name"))
    (unless (string-match-p "= boss" (colab-test-text "services/gitea.colab")) (error "The service keeps the old name"))
    (colab-test-wait "the renamed cluster to be sound" (lambda () (= (length (colab-test-said)) before)))

    (colab-test-replace "    depends_on = [db]" "  depends_on=[db]")
    (eglot-format-buffer)
    (colab-test-to "    depends_on = [db]\n")))

(condition-case reason
    (progn (colab-test) (kill-emacs 0))
  (error (message "Emacs: %s" (error-message-string reason)) (kill-emacs 1)))
;;; lsp.el ends here
