"""A database as the first release made it; and one statement on a session of its own."""

from typing import Any

import psycopg2

from supervisor.runtime.secret import Secret

FIRST_RELEASE = """
CREATE TABLE users (
    user_id BIGINT PRIMARY KEY, username TEXT, first_name TEXT, balance DECIMAL(10,2) DEFAULT 0,
    language TEXT DEFAULT 'ru', created_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP,
    updated_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP);
CREATE TABLE generation_jobs (
    id SERIAL PRIMARY KEY, user_id BIGINT NOT NULL REFERENCES users(user_id) ON DELETE CASCADE,
    task_id TEXT NOT NULL UNIQUE, model TEXT NOT NULL, status TEXT DEFAULT 'pending',
    input_params JSONB, result_url TEXT, error_message TEXT,
    created_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP, updated_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP,
    completed_at TIMESTAMP);
CREATE TABLE orphan_callbacks (
    id SERIAL PRIMARY KEY, task_id TEXT NOT NULL UNIQUE, payload JSONB NOT NULL,
    received_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP, processed BOOLEAN DEFAULT FALSE,
    processed_at TIMESTAMP);
INSERT INTO users (user_id, first_name, balance) VALUES (1, 'Old', 12.30), (2, 'Older', 0);
INSERT INTO users (user_id, balance) VALUES (3, NULL);
INSERT INTO generation_jobs (user_id, task_id, model, status)
VALUES (1, 'a', 'z-image', 'pending'), (2, 'b', 'z-image', 'completed');
INSERT INTO orphan_callbacks (task_id, payload) VALUES ('c', '{}');
"""


def run(dsn: Secret, text: str) -> None:
    connection = psycopg2.connect(dsn.reveal())
    with connection, connection.cursor() as cursor:
        cursor.execute(text)
    connection.close()


def fetch(dsn: Secret, text: str) -> list[tuple[Any, ...]]:
    connection = psycopg2.connect(dsn.reveal())
    with connection, connection.cursor() as cursor:
        cursor.execute(text)
        rows = list(cursor.fetchall())
    connection.close()
    return rows
