"""What the process says of itself: log lines, metrics, and the name that follows an update.

Who is authoritative
    loguru for lines (the standard library's logging is routed to it), one ``Metrics`` object for
    numbers, a context variable for the trace.

The way of a line::

    logger ─► Sink: a printable line, secrets out ─► LogWriter: bounded queue ─► thread ─► output

Rules

1. Nobody who logs waits. A pipe that nobody reads, a full disk or a closed output costs lines;
   they are counted in ``trt_log_lines_dropped_total`` and told in one line when it is over.
2. No secret in any line, at any level: known values and whatever looks like one are replaced on
   the finished line, tracebacks included.
3. A value is one printable line, whoever wrote it. Lines of a traceback are indented, so that none
   of them passes for a line of ours. A line has at most 32,768 characters.
4. What strangers or an outage can repeat goes through ``LogThrottle``.
5. Events have fixed names; operators grep for them, and docs/operations.md explains those that
   may worry them.
6. ``flush`` before the process ends waits for one second at most.

What happens on failure
    Nothing here raises. A value that cannot be shown costs its line only.
"""
