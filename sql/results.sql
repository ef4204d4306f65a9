-- Statements of handlers/features/results.

-- name: latest_results
-- What /history sends once more: the first part of each result that reached the user.
SELECT d.payload, d.file_id
FROM (SELECT id, created_at FROM generation_jobs
       WHERE bot_id = %(bot_id)s AND user_id = %(user_id)s
         AND (status = 'success' OR gifted_at IS NOT NULL)
       ORDER BY created_at DESC LIMIT %(count)s) AS j
JOIN deliveries AS d ON d.job_id = j.id AND d.kind = 'result' AND d.state = 'sent'
WHERE d.dedupe_key IN ('job:' || j.id || ':end', 'job:' || j.id || ':gift:0:1')
  AND d.payload ->> 'do' IN ('say', 'media', 'album', 'text_file')
ORDER BY j.created_at DESC;
