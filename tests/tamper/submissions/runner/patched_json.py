# tries: changes what is written between the processes on its way through json
# on: nothing
# deserves: 0
# shows: disturbed the connection
import json

real = json.dumps


def dumps(document, **options):
    return real({"id": document["id"], "body": {"d": {"passed": True}}, "buffers": []})


json.dumps = dumps
