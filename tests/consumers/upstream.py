#!/usr/bin/env python3
"""upstream.py CERTIFICATE LABEL=ADDRESS:PORT[:tls]...: web servers that answer with their label."""
import http.server
import ssl
import sys
import threading


def serve(label, address, port, tls):
    class Upstream(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            body = label.encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            pass

    server = http.server.ThreadingHTTPServer((address, port), Upstream)
    if tls:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(sys.argv[1])
        server.socket = context.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever).start()


for word in sys.argv[2:]:
    label, place = word.split("=")
    address, port, *tls = place.split(":")
    serve(label, address, int(port), bool(tls))
print("listening", flush=True)
