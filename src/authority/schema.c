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
};
const size_t authority_schema_count = ARRAY_LEN(authority_schema);
