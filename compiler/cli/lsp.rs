//! `colabc lsp`: the language server on standard input and output. Only this file and its folder
//! know the protocol; the answers are `ide`'s.

mod answers;
mod places;
mod workspace;

use super::Outcome;
use clap::{ArgMatches, Command};
use lsp_server::{Connection, Message, Notification, Request, Response};
use places::Encoding;
use serde_json::{Value, json};
use std::panic::{AssertUnwindSafe, catch_unwind};
use workspace::Workspace;

pub fn args(command: Command) -> Command {
    command.about("Answer an editor, on standard input and output")
}

pub fn run(_matches: &ArgMatches) -> Outcome {
    let (connection, threads) = Connection::stdio();
    let served = serve(&connection);
    drop(connection);
    let _ = threads.join();
    match served {
        Ok(()) => Outcome::Fine,
        Err(error) => Outcome::Usage(format!("the editor's messages cannot be read: {error}")),
    }
}

fn serve(connection: &Connection) -> Result<(), String> {
    let (id, params) = connection.initialize_start().map_err(|e| e.to_string())?;
    let encoding = Encoding::chosen(&params);
    let result = json!({
        "capabilities": capabilities(encoding),
        "serverInfo": { "name": "colabc", "version": env!("CARGO_PKG_VERSION") },
    });
    connection.initialize_finish(id, result).map_err(|e| e.to_string())?;
    let mut server = Server { connection, workspace: Workspace::new(&params, encoding) };
    server.publish();
    for message in &connection.receiver {
        match message {
            Message::Request(request) => {
                if connection.handle_shutdown(&request).map_err(|e| e.to_string())? {
                    return Ok(());
                }
                server.request(request);
            }
            Message::Notification(notification) => {
                if notification.method == "exit" {
                    return Ok(());
                }
                server.notification(notification);
            }
            Message::Response(_) => {}
        }
    }
    Ok(())
}

struct Server<'a> {
    connection: &'a Connection,
    workspace: Workspace,
}

impl Server<'_> {
    /// A fault in one answer is that answer's: the server lives.
    fn request(&mut self, request: Request) {
        let Request { id, method, params } = request;
        let answered = catch_unwind(AssertUnwindSafe(|| {
            answers::answer(&mut self.workspace, &method, &params)
        }));
        let response = match answered {
            Ok(Some(Ok(result))) => Response::new_ok(id, result),
            Ok(Some(Err(message))) => {
                Response::new_err(id, lsp_server::ErrorCode::RequestFailed as i32, message)
            }
            Ok(None) => Response::new_err(
                id,
                lsp_server::ErrorCode::MethodNotFound as i32,
                format!("`{method}` is not known here"),
            ),
            Err(_) => Response::new_err(
                id,
                lsp_server::ErrorCode::InternalError as i32,
                format!("a bug in colabc: `{method}` could not be answered"),
            ),
        };
        self.send(Message::Response(response));
    }

    fn notification(&mut self, notification: Notification) {
        let Notification { method, params } = notification;
        let changed = catch_unwind(AssertUnwindSafe(|| self.workspace.notice(&method, &params)));
        match changed {
            Ok(true) => self.publish(),
            Ok(false) => {}
            Err(_) => {
                self.log("a bug in colabc: a change could not be followed; restart the server")
            }
        }
    }

    /// Findings of every file that has or had some.
    fn publish(&mut self) {
        let all = catch_unwind(AssertUnwindSafe(|| self.workspace.findings()));
        let Ok(all) = all else {
            self.log("a bug in colabc: the project could not be checked");
            return;
        };
        for (uri, version, diagnostics) in all {
            let mut params = json!({ "uri": uri, "diagnostics": diagnostics });
            if let Some(version) = version {
                params["version"] = json!(version);
            }
            self.notify("textDocument/publishDiagnostics", params);
        }
    }

    fn log(&self, message: &str) {
        self.notify("window/logMessage", json!({ "type": 1, "message": message }));
    }

    fn notify(&self, method: &str, params: Value) {
        self.send(Message::Notification(Notification { method: method.into(), params }));
    }

    fn send(&self, message: Message) {
        // The editor is gone: the loop ends by itself.
        let _ = self.connection.sender.send(message);
    }
}

fn capabilities(encoding: Encoding) -> Value {
    json!({
        "positionEncoding": encoding.word(),
        "textDocumentSync": { "openClose": true, "change": 2, "save": true },
        "diagnosticProvider": { "interFileDependencies": true, "workspaceDiagnostics": false },
        "hoverProvider": true,
        "completionProvider": { "triggerCharacters": [".", "=", " ", "\"", "[", "("] },
        "signatureHelpProvider": { "triggerCharacters": ["(", ","] },
        "definitionProvider": true,
        "declarationProvider": true,
        "typeDefinitionProvider": true,
        "implementationProvider": true,
        "referencesProvider": true,
        "documentHighlightProvider": true,
        "renameProvider": { "prepareProvider": true },
        "documentSymbolProvider": true,
        "workspaceSymbolProvider": true,
        "foldingRangeProvider": true,
        "selectionRangeProvider": true,
        "semanticTokensProvider": {
            "legend": { "tokenTypes": colabc::ide::tokens::LEGEND, "tokenModifiers": [] },
            "full": true,
            "range": true,
        },
        "inlayHintProvider": true,
        "codeLensProvider": {},
        "documentLinkProvider": {},
        "documentFormattingProvider": true,
        "codeActionProvider": { "codeActionKinds": ["quickfix", "source.fixAll"] },
    })
}
