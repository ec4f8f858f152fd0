-- The node that a request is about (skip, retry); null for any other request.
ALTER TABLE operator_request ADD COLUMN node TEXT;
