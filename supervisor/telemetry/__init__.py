"""Log lines, metrics, and the trace id of an update.

Who is authoritative
    loguru for log lines (the standard library's logging is routed to it), one ``Metrics`` object
    for numbers, a context variable for the trace id.

The path of a log line::

    logger ─► Sink: printable, redacted ─► LogWriter: bounded queue ─► its thread ─► output

Rules

1. Logging never waits for the output. When nobody reads the pipe, the disk is full or the output
   is closed, lines are dropped. They are counted in ``trt_log_lines_dropped_total``, and one line
   reports their number afterwards.
2. No line at any level contains a secret: known secrets, and text that looks like one, are
   replaced in the finished line, tracebacks included.
3. Every value is shown as one printable line. The lines of a traceback are indented, so that they
   cannot be mistaken for log lines. A line has at most 32,768 characters.
4. Lines that strangers or an outage can cause repeatedly go through ``LogThrottle``.
5. Events have fixed names, which operators grep for. docs/operations.md explains the warnings and
   errors among them.
6. ``flush`` waits for at most one second when the process ends.

What happens on failure
    Nothing here raises. A value that cannot be formatted affects only its own line.
"""
