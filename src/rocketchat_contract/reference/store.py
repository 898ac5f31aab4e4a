"""Where visitors, rooms, messages and users are kept: SQLite, which itself guards the one open room.

Documents are JSON text; what is looked up or guarded has a column of its own. The guarantee is a partial
unique index: at most one open, enforced room per visitor token, however many connections or processes share the
file. Every method is one statement or one transaction, so what callers see between two of them is a real race.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from rocketchat_contract.errors import UsageError

Document = dict[str, Any]
DocumentChange = Callable[[Document], None]

_TABLES = """
create table if not exists visitors (
    id text primary key, token text not null unique, phone text, email text, doc text not null);
create index if not exists visitor_phone on visitors (phone) where phone is not null;
create index if not exists visitor_email on visitors (email) where email is not null;
create table if not exists rooms (
    seq integer primary key, id text not null unique, token text not null, visitor text not null,
    open integer not null, enforced integer not null, doc text not null);
create index if not exists room_token on rooms (token, open);
create index if not exists room_visitor on rooms (visitor);
create unique index if not exists one_open_room on rooms (token) where open = 1 and enforced = 1;
create table if not exists messages (
    seq integer primary key, id text not null unique, rid text not null, doc text not null);
create index if not exists message_room on messages (rid);
create table if not exists users (
    id text primary key, username text not null unique, secret text not null, online integer not null,
    chats integer not null, doc text not null);
create table if not exists sessions (token text primary key, user text not null);
create table if not exists departments (id text primary key, name text not null unique, doc text not null);
create table if not exists stuck (rid text primary key);
create table if not exists counters (name text primary key, n integer not null);
"""


class Taken(Exception):  # noqa: N818 - a state of the store, not an error
    """A unique value is in use: the visitor has an open room, or the id exists."""


class VisitorGone(Exception):  # noqa: N818 - likewise
    """The visitor was deleted meanwhile."""


_dump = json.JSONEncoder(separators=(",", ":")).encode


class Store:
    """One connection to the database at ``path``; ``:memory:`` is private to it."""

    unique_tokens = True
    """Whether a token is one visitor's."""

    def __init__(self, path: str = ":memory:") -> None:
        try:
            self.db = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
            self._prepare(path)
        except sqlite3.DatabaseError as error:
            raise UsageError(f"Cannot keep rooms in store={path}: {error}.", "Name a new file.") from error

    def _prepare(self, path: str) -> None:
        self.db.execute("pragma busy_timeout = 5000")
        # an insertion that splits an index's page may cost a look at all pages kept: let both be fewer
        self.db.execute("pragma page_size = 8192")
        if path != ":memory:":
            self.db.execute("pragma journal_mode = wal")
            self.db.execute("pragma synchronous = normal")
        with self.transaction():
            tables = _TABLES if self.unique_tokens else _TABLES.replace("token text not null unique", "token text", 1)
            for statement in tables.split(";"):
                self.db.execute(statement)

    def close(self) -> None:
        """Let go of the file."""
        self.db.close()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All statements inside take effect together, or none; inside another, it is part of that one."""
        if self.db.in_transaction:
            yield
            return
        self.db.execute("begin immediate")
        try:
            yield
        except BaseException:
            self.db.execute("rollback")
            raise
        self.db.execute("commit")

    def one(self, sql: str, *values: object) -> Document | None:
        """Read the first document that ``select doc …`` yields."""
        row = self.db.execute(sql, values).fetchone()
        return json.loads(row[0]) if row else None

    def many(self, sql: str, *values: object) -> list[Document]:
        """Read every document that ``select doc …`` yields."""
        return [json.loads(row[0]) for row in self.db.execute(sql, values)]

    def _insert(self, sql: str, *values: object) -> int:
        try:
            return self.db.execute(sql, values).rowcount
        except sqlite3.IntegrityError as error:
            raise Taken(str(error)) from error

    def next_number(self, name: str) -> int:
        """Count up: 1, 2, 3, …, also across processes."""
        with self.transaction():
            self.db.execute("insert into counters values (?, 1) on conflict (name) do update set n = n + 1", (name,))
            return int(self.db.execute("select n from counters where name = ?", (name,)).fetchone()[0])

    # visitors

    def visitor(self, token: str) -> Document | None:
        """Find who registered exactly this token."""
        return self.one("select doc from visitors where token = ?", token)

    def visitor_by_phone(self, phone: str) -> Document | None:
        """Find the visitor with this number."""
        return self.one("select doc from visitors where phone = ?", phone)

    def visitor_by_email(self, email: str) -> Document | None:
        """Find the visitor with this address."""
        return self.one("select doc from visitors where email = ?", email)

    def visitors(self) -> list[Document]:
        """List everyone, oldest first."""
        return self.many("select doc from visitors order by rowid")

    def save_visitor(self, visitor: Document) -> None:
        """Insert or overwrite by ``_id``; raises ``Taken`` when the token is another's."""
        phones, emails = visitor.get("phone") or [{}], visitor.get("visitorEmails") or [{}]
        self._insert(
            "insert into visitors values (?, ?, ?, ?, ?) on conflict (id) do update set "
            "token = excluded.token, phone = excluded.phone, email = excluded.email, doc = excluded.doc",
            visitor["_id"],
            visitor["token"],
            phones[0].get("phoneNumber"),
            emails[0].get("address"),
            _dump(visitor),
        )

    def delete_visitor(
        self, visitor_id: str, token: str, *, even_with_open_rooms: bool, only_by_id: bool = False
    ) -> bool:
        """Erase visitor, rooms and messages; false when an open room forbids it.

        ``only_by_id`` leaves rooms of the token that were another visitor's, such as one who was deleted before.
        """
        mine: tuple[str, str | None] = (visitor_id, token)
        with self.transaction():
            found = self.db.execute("select 1 from rooms where open = 1 and (visitor = ? or token = ?)", mine)
            if found.fetchone() and not even_with_open_rooms:
                return False
            mine = (visitor_id, None if only_by_id else token)
            self.db.execute(
                "delete from messages where rid in (select id from rooms where visitor = ? or token = ?)",
                mine,
            )
            self.db.execute("delete from rooms where visitor = ? or token = ?", mine)
            self.db.execute("delete from visitors where id = ?", (visitor_id,))
        return True

    # rooms

    def add_room(self, room: Document, *, enforced: bool, orphaned: bool = False) -> None:
        """Insert an open room.

        Raises ``Taken`` when ``enforced`` and the token has one, ``VisitorGone`` when its visitor is no more,
        unless it may be ``orphaned``.
        """
        added = self._insert(
            "insert into rooms (id, token, visitor, open, enforced, doc) select ?, ?, ?, 1, ?, ? "
            "where ? or exists (select 1 from visitors where id = ?)",
            room["_id"],
            room["v"]["token"],
            room["v"]["_id"],
            enforced,
            _dump(room),
            orphaned,
            room["v"]["_id"],
        )
        if not added:
            raise VisitorGone(room["v"]["_id"])

    def open_room(self, token: str) -> Document | None:
        """Find the oldest open room of exactly this token."""
        return self.one("select doc from rooms where token = ? and open = 1 order by seq limit 1", token)

    def open_room_by_id(self, rid: str, token: str) -> Document | None:
        """Find the open room with this id, provided it is this token's."""
        return self.one("select doc from rooms where id = ? and token = ? and open = 1", rid, token)

    def room(self, rid: str) -> Document | None:
        """Find a room, open or closed, whosesoever."""
        return self.one("select doc from rooms where id = ?", rid)

    def rooms(self, token: str | None = None) -> list[Document]:
        """List the rooms of a token, or all, oldest first."""
        if token is None:
            return self.many("select doc from rooms order by seq")
        return self.many("select doc from rooms where token = ? order by seq", token)

    def change_room(self, rid: str, change: DocumentChange) -> Document | None:
        """Apply ``change`` to a room and write it back; nothing when there is no such room."""
        with self.transaction():
            room = self.room(rid)
            if room is not None:
                change(room)
                still_open = bool(room.get("open"))
                self.db.execute("update rooms set open = ?, doc = ? where id = ?", (still_open, _dump(room), rid))
            return room

    def stick(self, rid: str) -> None:
        """Remember that a room has no inquiry, so that nobody can close it."""
        self.db.execute("insert into stuck values (?) on conflict do nothing", (rid,))

    def is_stuck(self, rid: str) -> bool:
        """Tell whether nobody can close a room."""
        return self.db.execute("select 1 from stuck where rid = ?", (rid,)).fetchone() is not None

    # messages

    def add_message(self, message: Document) -> None:
        """Insert a message; raises ``Taken`` when its id exists."""
        self._insert(
            "insert into messages (id, rid, doc) values (?, ?, ?)",
            message["_id"],
            message["rid"],
            _dump(message),
        )

    def messages(self, rid: str, limit: int) -> list[Document]:
        """List a room's messages, newest first."""
        return self.many("select doc from messages where rid = ? order by seq desc limit ?", rid, limit)

    # users, agents, departments

    def save_user(self, user: Document, secret: str) -> None:
        """Insert or overwrite by ``_id``; ``secret`` is the SHA-256 of the password in hex."""
        online = "livechat-agent" in user["roles"] and user["statusLivechat"] == "available"
        self._insert(
            "insert into users values (?, ?, ?, ?, 0, ?) on conflict (id) do update set "
            "username = excluded.username, secret = excluded.secret, online = excluded.online, doc = excluded.doc",
            user["_id"],
            user["username"],
            secret,
            online and user["status"] != "offline",
            _dump(user),
        )

    def user(self, user_id: str) -> Document | None:
        """Find a user by id, and by nothing else."""
        return self.one("select doc from users where id = ?", user_id)

    def user_named(self, username: str) -> Document | None:
        """Find a user by name."""
        return self.one("select doc from users where username = ?", username)

    def users(self) -> list[Document]:
        """List the users by name."""
        return self.many("select doc from users order by username")

    def secret(self, user_id: str) -> str:
        """Read the SHA-256 of a user's password in hex."""
        return str(self.db.execute("select secret from users where id = ?", (user_id,)).fetchone()[0])

    def change_user(self, user_id: str, change: DocumentChange) -> Document | None:
        """Apply ``change`` to a user and write it back; nothing when there is no such user."""
        user = self.user(user_id)
        if user is not None:
            change(user)
            self.save_user(user, self.secret(user_id))
        return user

    def online_agents(self) -> list[Document]:
        """List the agents who can take a chat, the one with the fewest chats first."""
        return self.many("select doc from users where online = 1 order by chats, username")

    def is_anyone_online(self) -> bool:
        """Tell whether an agent can take a chat."""
        return self.db.execute("select 1 from users where online = 1 limit 1").fetchone() is not None

    def count_chat(self, user_id: str) -> None:
        """Remember that an agent took one more chat."""
        self.db.execute("update users set chats = chats + 1 where id = ?", (user_id,))

    def save_department(self, department: Document) -> None:
        """Insert a department; raises ``Taken`` when id or name exists."""
        self._insert(
            "insert into departments values (?, ?, ?)",
            department["_id"],
            department["name"],
            _dump(department),
        )

    def department(self, id_or_name: str) -> Document | None:
        """Find a department by id or by name."""
        return self.one("select doc from departments where id = ? or name = ?", id_or_name, id_or_name)

    def departments(self) -> list[Document]:
        """List the departments by name."""
        return self.many("select doc from departments order by name")

    def add_session(self, token: str, user_id: str) -> None:
        """Remember a login."""
        self.db.execute("insert into sessions values (?, ?)", (token, user_id))

    def session(self, token: str, user_id: str) -> Document | None:
        """Find the user who logged in with this token."""
        if self.db.execute("select 1 from sessions where token = ? and user = ?", (token, user_id)).fetchone():
            return self.user(user_id)
        return None
