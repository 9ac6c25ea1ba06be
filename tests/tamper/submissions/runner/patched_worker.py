# tries: replaces the worker's reply by a report of its own
# on: nothing
# deserves: 0
# shows: disturbed the connection
from backproof.sandbox import wire, worker

verdict = {"verdict": "passed", "points": 40.0, "printed": ""}
worker.Worker.reply = lambda self, request: wire.pack(verdict, 1 << 20)
