-- The server in a real editor, Neovim 0.7 or later, on a copy of the repository's cluster: findings
-- come and go, hover, completion, definition, references, rename over files, style, a code action.
-- Ends with 1 and a reason otherwise. COLABC is the server.

local started = vim.fn.getcwd()

local function wait(what, holds)
  assert(vim.wait(60000, holds, 20), "waited in vain for " .. what)
end

local function line_of(text)
  for number, line in ipairs(vim.api.nvim_buf_get_lines(0, 0, -1, false)) do
    local at = line:find(text, 1, true)
    if at then
      return number, at - 1, line
    end
  end
  error("no line has " .. text)
end

local function to(text, inside)
  local number, column = line_of(text)
  vim.api.nvim_win_set_cursor(0, { number, column + (inside or 0) })
end

local function ask(method, extra)
  local params = vim.tbl_extend("force", vim.lsp.util.make_position_params(0, "utf-16"), extra or {})
  local answers, failed = vim.lsp.buf_request_sync(0, method, params, 60000)
  assert(answers, method .. ": " .. tostring(failed))
  local _, answer = next(answers)
  assert(answer and not answer.error, method .. ": " .. vim.inspect(answer))
  return answer.result
end

local function replace(old, new)
  local number, _, line = line_of(old)
  local at, to_end = line:find(old, 1, true)
  local text = line:sub(1, at - 1) .. new .. line:sub(to_end + 1)
  vim.api.nvim_buf_set_lines(0, number - 1, number, false, { text })
end

local function findings()
  return #vim.diagnostic.get(nil)
end

local function text_of(name)
  local buffer = vim.fn.bufnr(started .. "/" .. name)
  assert(buffer > 0, name .. " is not open")
  return table.concat(vim.api.nvim_buf_get_lines(buffer, 0, -1, false), "\n")
end

local function main()
  vim.cmd("edit services/gitea.colab")
  vim.bo.filetype = "colab"
  local id = vim.lsp.start_client({ cmd = { vim.env.COLABC, "lsp" }, root_dir = started })
  assert(id and vim.lsp.buf_attach_client(0, id), "the server does not start")
  wait("the server", function()
    local client = vim.lsp.get_client_by_id(id)
    return client and client.initialized
  end)
  ask("textDocument/hover") -- answered when the project is checked

  local before = findings()
  replace("on      = cooperator", "on      = cooperatr")
  wait("a finding", function() return findings() > before end)
  local found = vim.diagnostic.get(0)[1]
  assert(found.message:find("cooperatr", 1, true), "another finding: " .. found.message)

  to("cooperatr")
  local position = vim.lsp.util.make_position_params(0, "utf-16")
  local range = { start = position.position, ["end"] = position.position }
  local actions = ask("textDocument/codeAction", { range = range, context = { diagnostics = {} } })
  assert(#actions > 0 and actions[1].edit, "no way out is offered")
  vim.lsp.util.apply_workspace_edit(actions[1].edit, "utf-16")
  assert(line_of("= cooperator"), "the code action changed nothing")
  wait("the finding to go", function() return findings() == before end)

  to("on      = cooperator", 12)
  local hover = ask("textDocument/hover")
  assert(hover.contents.value:find("node cooperator", 1, true), "hover says " .. vim.inspect(hover))

  to("depends_on", 0)
  local offered = {}
  for _, item in ipairs(ask("textDocument/completion").items) do
    offered[item.label] = true
  end
  assert(offered["env"] or offered["restart"], "completion offers no field")

  to("on      = cooperator", 12)
  local references = ask("textDocument/references", { context = { includeDeclaration = true } })
  assert(#references > 3, "only " .. #references .. " references")
  local place = ask("textDocument/definition")
  vim.lsp.util.jump_to_location(place[1] or place, "utf-16")
  assert(vim.fn.expand("%:t") == "cooperator.colab", "definition leads to " .. vim.fn.expand("%"))
  assert(vim.api.nvim_get_current_line():find("node cooperator", 1, true), "not at the node")
  vim.lsp.buf_attach_client(0, id)

  local edit = ask("textDocument/rename", { newName = "boss" })
  vim.lsp.util.apply_workspace_edit(edit, "utf-16")
  assert(text_of("nodes/cooperator.colab"):find("node boss", 1, true), "the node keeps its name")
  assert(text_of("services/gitea.colab"):find("= boss", 1, true), "the service keeps the old name")
  wait("the renamed cluster to be sound", function() return findings() == before end)

  vim.cmd("buffer " .. vim.fn.bufnr(started .. "/services/gitea.colab"))
  replace("    depends_on = [db]", "  depends_on=[db]")
  local edits = ask("textDocument/formatting", { options = { tabSize = 2, insertSpaces = true } })
  vim.lsp.util.apply_text_edits(edits, 0, "utf-16")
  assert(line_of("    depends_on = [db]"), "the line is not in the style")
  vim.lsp.stop_client(id)
end

local fine, reason = xpcall(main, debug.traceback)
if not fine then
  io.stderr:write("Neovim: " .. tostring(reason) .. "\n")
end
vim.cmd(fine and "qall!" or "cquit!")
