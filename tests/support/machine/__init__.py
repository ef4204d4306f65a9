"""The machine that tests run on: waiting, ports, processes, threads, clocks, systemd."""
