"""Transfers the files of users from Telegram to kie.ai, and keeps results on the disk.

A job's row has references to files. Just before createTask each file is downloaded from Telegram
and uploaded to kie.ai, and the input gets the link of the upload (``input_files.py``).

Rules

1. No task is created while a file is missing. If the error may pass, the job is tried again;
   otherwise it ends and the credits are refunded. During the upload the row says so; then a crash
   leaves no doubt about a task.
2. At most two large files are transferred at the same time. Jobs with small files need not wait.
3. The length of a file that is charged by length is measured from the uploaded bytes
   (``media_length.py``, ``stream_length.py``): by the samples, blocks, pages or frames that a
   player plays. If the declared length differs, or the length cannot be measured, the job ends
   and the credits are refunded.
4. The link of an upload is reused for an hour, for jobs that are tried or ordered again.
5. A result that is not delivered yet is fetched to the disk (``result_fetcher.py``) and kept there
   (``result_store.py``), as far as there is room. It may be deleted at any moment.
"""
