"""A guest book: entries in PostgreSQL, the number of visits in Redis."""

import os
from contextlib import closing

import psycopg2
import redis
from flask import Flask, jsonify, request

app = Flask(__name__)
cache = redis.Redis(host=os.environ["CACHE_HOST"])


def connect():
    with open("/run/secrets/database_password", encoding="utf-8") as file:
        password = file.read().strip()
    return psycopg2.connect(
        host=os.environ["DATABASE_HOST"], dbname="guestbook", user="guestbook", password=password
    )


@app.get("/health")
def health():
    cache.ping()
    with closing(connect()) as connection, connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return "ok\n"


@app.get("/entries")
def entries():
    with closing(connect()) as connection, connection.cursor() as cursor:
        cursor.execute("SELECT name, text FROM entry ORDER BY id")
        rows = [{"name": name, "text": text} for name, text in cursor.fetchall()]
    return jsonify(visits=cache.incr("visits"), entries=rows)


@app.post("/entries")
def sign():
    with closing(connect()) as connection, connection, connection.cursor() as cursor:
        cursor.execute("INSERT INTO entry (name, text) VALUES (%s, %s)", (request.form["name"], request.form["text"]))
    return "thank you\n", 201
