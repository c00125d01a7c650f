/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The portal's database.  A change is a new entry at the end; old ones stay.
 */
#include "authority/authority_impl.h"

const char *const authority_schema[] = {
	"CREATE TABLE team (id TEXT NOT NULL, name TEXT NOT NULL);"
	"CREATE TABLE certificate ("
	" id TEXT PRIMARY KEY, type INTEGER NOT NULL, name TEXT NOT NULL,"
	" serial TEXT NOT NULL UNIQUE, der BLOB NOT NULL, key_sha256 BLOB NOT NULL,"
	" created_s INTEGER NOT NULL, expires_s INTEGER NOT NULL,"
	" revoked_s INTEGER NOT NULL DEFAULT 0);"
	"CREATE TABLE app ("
	" id TEXT PRIMARY KEY, identifier TEXT NOT NULL UNIQUE COLLATE NOCASE,"
	" name TEXT NOT NULL, prefix TEXT NOT NULL);"
	"CREATE TABLE capability ("
	" app TEXT NOT NULL REFERENCES app(id) ON DELETE CASCADE,"
	" name TEXT NOT NULL, PRIMARY KEY (app, name));"
	"CREATE TABLE device ("
	" id TEXT PRIMARY KEY, udid TEXT NOT NULL, udid_key TEXT NOT NULL UNIQUE,"
	" name TEXT NOT NULL, class TEXT NOT NULL, enabled INTEGER NOT NULL DEFAULT 1,"
	" added_s INTEGER NOT NULL);"
	"CREATE TABLE profile ("
	" id TEXT PRIMARY KEY, name TEXT NOT NULL UNIQUE, uuid TEXT NOT NULL,"
	" kind INTEGER NOT NULL, app TEXT NOT NULL REFERENCES app(id) ON DELETE CASCADE,"
	" content BLOB NOT NULL, created_s INTEGER NOT NULL, expires_s INTEGER NOT NULL,"
	" valid INTEGER NOT NULL DEFAULT 1);"
	"CREATE TABLE profile_certificate ("
	" profile TEXT NOT NULL REFERENCES profile(id) ON DELETE CASCADE,"
	" certificate TEXT NOT NULL REFERENCES certificate(id),"
	" PRIMARY KEY (profile, certificate));"
	"CREATE TABLE profile_device ("
	" profile TEXT NOT NULL REFERENCES profile(id) ON DELETE CASCADE,"
	" device TEXT NOT NULL REFERENCES device(id),"
	" PRIMARY KEY (profile, device));",
	/* 2: when the membership years begin, and when a device left (asc.md 4.1).
	   Of portals made before, the first certificate is the best witness. */
	"ALTER TABLE team ADD COLUMN created_s INTEGER NOT NULL DEFAULT 0;"
	"UPDATE team SET created_s ="
	" COALESCE((SELECT min(created_s) FROM certificate), 0);"
	"ALTER TABLE device ADD COLUMN disabled_s INTEGER NOT NULL DEFAULT 0;"
	"UPDATE device SET disabled_s = added_s WHERE enabled = 0;",
	/* 3: what App Store Connect's API shows; its keys; settings; the log. */
	"ALTER TABLE team ADD COLUMN issuer TEXT NOT NULL DEFAULT '';"
	"ALTER TABLE certificate ADD COLUMN display TEXT NOT NULL DEFAULT '';"
	"UPDATE certificate SET display = name;"
	"ALTER TABLE app ADD COLUMN platform TEXT NOT NULL DEFAULT 'UNIVERSAL';"
	"ALTER TABLE capability ADD COLUMN settings TEXT;"
	"ALTER TABLE device ADD COLUMN model TEXT;"
	"ALTER TABLE profile ADD COLUMN family INTEGER NOT NULL DEFAULT 0;"
	"CREATE INDEX profile_of_app ON profile (app);"
	"CREATE INDEX profile_of_certificate ON profile_certificate (certificate);"
	"CREATE INDEX profile_of_device ON profile_device (device);"
	"CREATE TABLE api_key ("
	" id TEXT PRIMARY KEY, name TEXT NOT NULL, role TEXT NOT NULL,"
	" is_individual INTEGER NOT NULL, public_key BLOB NOT NULL,"
	" created_s INTEGER NOT NULL, revoked_s INTEGER NOT NULL DEFAULT 0);"
	"CREATE TABLE identifier ("
	" id TEXT PRIMARY KEY, kind TEXT NOT NULL,"
	" identifier TEXT NOT NULL UNIQUE COLLATE NOCASE, name TEXT NOT NULL);"
	"CREATE TABLE setting (name TEXT PRIMARY KEY, value INTEGER NOT NULL);"
	"CREATE TABLE activity ("
	" seq INTEGER PRIMARY KEY, at_s INTEGER NOT NULL, actor TEXT NOT NULL,"
	" action TEXT NOT NULL, type TEXT NOT NULL, object TEXT NOT NULL);",
	/* 4: contents in a table of their own: lists of profiles need not page through
	   them. */
	"CREATE TABLE profile_content ("
	" profile TEXT PRIMARY KEY REFERENCES profile(id) ON DELETE CASCADE,"
	" content BLOB NOT NULL);"
	"INSERT INTO profile_content (profile, content) SELECT id, content FROM profile;"
	"ALTER TABLE profile DROP COLUMN content;",
	/* 5: failures that are asked for. */
	"CREATE TABLE fault (status INTEGER NOT NULL, remaining INTEGER NOT NULL);",
	/* 6: what each new certificate is checked against need not be read whole. */
	"CREATE INDEX certificate_of_type ON certificate (type, revoked_s, expires_s);"
	"CREATE INDEX certificate_of_key ON certificate (key_sha256);",
};
const size_t authority_schema_count = ARRAY_LEN(authority_schema);
