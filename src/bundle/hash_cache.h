/* SPDX-License-Identifier: Apache-2.0 */
/*
 * bundle/hash_cache.h - what files in zips hash to, remembered from run to run: an
 * .ipa that is signed again has most of its files still packed in the same bytes.
 *
 * A hash is believed as it stands, so the folder and its file have to be ours alone;
 * and it is only noted of content that was read, with the size and the checksum that
 * the archive says.  Losing the cache loses nothing but time.
 */
#pragma once

#include "bundle/hash_records.h"
#include "ipa/zip.h"

struct hash_cache; /* private */

/*
 * Open the cache in this folder, which is made (0700) if it is not there.  now_s: the
 * time, which says what was used last.
 * Errors: ERROR_REFUSED (others may write to it, or read its files, or it is a symlink):
 * to be obeyed.
 * ERROR_PERMISSION, ERROR_EXISTS, ERROR_IO, ...: do without.
 */
NODISCARD bool hash_cache_open(struct hash_cache **out, const char *folder,
                               int64_t now_s, struct error *err);
void drop_hash_cache(struct hash_cache **cache); /* for AUTO(); does not save */

/*
 * Was this entry known when the cache was opened?  record gets its key anyway: a tag
 * of its packed bytes (crypto/gmac.h, by a secret in the folder), the size, checksum
 * and method that the archive states.
 * Thread-safe, as noting is.
 */
bool hash_cache_find(struct hash_record *record, struct hash_cache *cache,
                     const struct zip *zip, const struct zip_entry *entry);

/*
 * Remember what the content of the entry was found to be, of which record has the key
 * from before; the day is filled in.  Not noted: what cannot be held, and an entry that
 * was changed in the meantime, as nobody knows then what was read.
 */
void hash_cache_note(struct hash_cache *cache, const struct hash_record *record,
                     const struct zip *zip, const struct zip_entry *entry);

/*
 * Write what was noted, beside what the file has by now.  A crash at any moment leaves
 * the old file or the new one.
 * Errors: ERROR_REFUSED, as hash_cache_open(); ERROR_IO, ...: nothing was written.
 */
NODISCARD bool hash_cache_save(struct hash_cache *cache, struct error *err);
