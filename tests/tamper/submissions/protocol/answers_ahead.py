# tries: writes good-looking answers for the next hundred calls before they are asked
# on: nothing
# deserves: 0
# shows: disturbed the connection
import json
import os
import struct

body = {"d": {"returned": {"d": {"out": {"f": "0x1p0"}}}, "changed": {"l": []}, "printed": ""}}
for number in range(100):
    frame = json.dumps({"id": number, "body": body, "buffers": []}).encode()
    os.write(3, struct.pack("<I", len(frame)) + frame)
