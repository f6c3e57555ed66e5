"""The table that is printed: one figure a line, with its target where it has one. Counts those that miss it."""

_missed = 0


def missed():
    return _missed


def title(text):
    print("\n" + text, flush=True)


def figure(what, value, target="", good=None):
    global _missed
    _missed += good is False
    print("  %-58s %14s  %-22s %s" % (what, value, target, {True: "ok", False: "MISS", None: ""}[good]), flush=True)


def at_most(what, value, limit, unit="", digits=0):
    figure(what, "%.*f%s" % (digits, value, unit), "at most %.*f%s" % (digits, limit, unit), value <= limit)


def at_least(what, value, limit, unit="", digits=0):
    figure(what, "%.*f%s" % (digits, value, unit), "at least %.*f%s" % (digits, limit, unit), value >= limit)


def skipped(what, why):
    figure(what, "-", "skipped: " + why)
