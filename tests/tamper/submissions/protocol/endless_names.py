# tries: names a changed input two hundred thousand times, to fill the report
# deserves: 31
# shows: disturbed the connection
from backproof.sandbox import worker

real = worker.Worker._run


def run(self, request):
    made = real(self, request)
    if made["changed"] == [] and "dx" in made["returned"] and "dw" in made["returned"]:
        made["changed"] = ["x"] * 200_000
    return made


worker.Worker._run = run
