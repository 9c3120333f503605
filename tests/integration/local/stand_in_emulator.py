"""A stand-in for Lambda's emulator: serves one port and does what each event orders."""

import json
import os
import signal
import socket
import sys
import time


def act(request_line, event):
    match event:
        case "hang":
            time.sleep(5)
        case "crash":
            os._exit(1)
        case "raise":
            return {"errorType": "ValueError", "errorMessage": "as ordered"}
        case "log":
            os.write(1, b"one\rtwo \xff\n")
            os.write(2, b"INIT REPORT(durationMs: 12.5)\nEND RequestId: 1\n")
        case "report":
            return {
                "request": request_line,
                "environment": dict(os.environ),
                "leads_its_session": os.getsid(0) == os.getpid(),
                "input": sys.stdin.read(),
            }
    return event


def read(request):
    """The request line, and the event in the body; none for a connection that only tests the port."""
    head = []
    while (line := request.readline().strip()) != b"":
        head.append(line.decode())
    length = next((int(line.split()[1]) for line in head if line.lower().startswith("content-length:")), 0)
    return (head[0], json.loads(request.read(length))) if head else None


def serve(port):
    with socket.create_server(("127.0.0.1", port)) as server:
        while True:
            connection, _ = server.accept()
            with connection, connection.makefile("rwb") as stream:
                if request := read(stream):
                    body = json.dumps(act(*request)).encode()
                    stream.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%b" % (len(body), body))


if __name__ == "__main__":
    mode, port = sys.argv[1:]
    if mode == "dies":
        sys.exit(3)
    if mode == "deaf":
        time.sleep(5)
    if mode == "stubborn":
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
    serve(int(port))
