# tries: changes what is written between the processes on its way through json
# on: nothing
# deserves: 0
# shows: disturbed the connection
import json

from backproof.sandbox import wire

real = wire._encoded


def encoded(document, **options):
    return real({"id": document["id"], "body": {"d": {"passed": True}}, "buffers": []})


json.dumps = json.JSONEncoder.encode = wire._encoded = encoded
