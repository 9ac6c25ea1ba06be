# tries: writes files of results where a grader might look for them
# deserves: 40
# shows: denied: write results beside the submission
# shows: denied: write results into the grader's folder
# shows: denied: write results into the home folder
import json
import os

results = json.dumps({"score": 40, "tests": [{"score": 40, "max_score": 40}]})


def write(folder):
    for name in ("results.json", "grades.json", "grades.xml"):
        with open(os.path.join(folder, name), "w") as file:
            file.write(results)


@before_answering
def forge():
    write(".")  # its own folder, which nobody reads
    attempt("write results beside the submission", lambda: write(WHERE["submission folder"]))
    attempt("write results into the grader's folder", lambda: write(WHERE["folder"]))
    attempt("write results into the home folder", lambda: write(WHERE["home"]))
