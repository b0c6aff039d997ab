"""Takes the place of the grammar process in a test: it gets ready and never answers."""

import socket
import sys

from llm_server.engines.wire import BlockingWire

if __name__ == "__main__":
    connection = socket.socket(fileno=int(sys.argv[1]))
    BlockingWire(connection).send("ready")
    while connection.recv(65536):
        pass
