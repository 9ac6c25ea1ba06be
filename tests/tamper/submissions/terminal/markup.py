# tries: writes HTML, Markdown, XML and spreadsheet formulas into the report
# on: nothing
# deserves: 0
# shows: alert(1)
# shows: cmd
nasty = "<script>alert(1)</script> ]]></failure> <img src=x onerror=alert(1)> [a](javascript:alert(1))"


class Markup:
    pass


Markup.__name__ = nasty
tell("=cmd|' /C calc'!A0")


def forge(args):
    raise ValueError("=cmd|' /C calc'!A0 " + nasty + "\0\ud800\ufffe")


answer_all_with(forge)
w_from_w_hat = nasty
batchnorm_inference = lambda *args, **kwargs: Markup()
