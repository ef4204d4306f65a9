-- The frame of every transaction: commands that PostgreSQL neither plans nor prepares.

-- name: begin
BEGIN;

-- name: commit
COMMIT;

-- name: roll_back
-- Outside of a transaction ROLLBACK only warns. Which of the statements that failed were prepared is
-- not known, so all are forgotten.
ROLLBACK;
DEALLOCATE ALL;

-- name: forget_plans
-- The next use of each prepared statement plans it again, for the tables as they are then.
DISCARD PLANS;
