"""Files that users sent, on their way to kie.ai.

A job's row holds references; just before createTask each file is fetched from where its user
sent it and uploaded, and kie.ai gets the link that it gave itself (``input_files.py``).

Rules

1. No task exists while a file is missing, whatever goes wrong: later if that may help, else the
   job ends and the credits go back. The row says that files are on their way, so that a crash
   leaves no doubt about a task.
2. Only two large files are on their way at the same time; jobs with small ones go past.
3. A file that is charged by its length is measured from the bytes that are uploaded
   (``media_length.py``, ``stream_length.py``): by the samples, blocks, pages or frames that a
   player plays. What the sender's app declared is compared with it; another length, or one
   that nobody can tell, ends the job with the credits back.
4. An upload is used again for an hour, for jobs that are tried again or made again.
"""
