CREATE USER guestbook PASSWORD :'password';
CREATE DATABASE guestbook OWNER guestbook;
\connect guestbook guestbook
CREATE TABLE entry (
  id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  name TEXT NOT NULL,
  text TEXT NOT NULL
);
