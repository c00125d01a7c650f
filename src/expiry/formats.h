/* SPDX-License-Identifier: Apache-2.0 */
/*
 * formats.h - what ends, for calendars, monitors and people: text is made, nothing
 * is written.
 */
#pragma once

#include "expiry/expiry.h"
#include "picture/picture.h"

#define EXPIRY_FORMAT_MAX_BYTES ((size_t)16 << 20)

/* What is to be told, and of when. */
struct expiry_report {
	const struct expiry *e; /* finished */
	int64_t now_s;
	/* Which items, in the order of pain; NULL: all of them. */
	bool (*wanted)(const struct expiry_item *item, const void *ctx);
	const void *ctx;
};

/*
 * RFC 5545: a VEVENT on the day of each end, with a VALARM for every step of
 * expiry_steps[].  UIDs are stable, so a calendar that is read again is brought up to
 * date.
 */
NODISCARD bool expiry_ics(struct buf *out, const struct expiry_report *r,
                          struct error *err);

/* The text format of Prometheus 0.0.4: a gauge sealring_expiry_timestamp_seconds. */
NODISCARD bool expiry_prometheus(struct buf *out, const struct expiry_report *r,
                                 struct error *err);

/* One page of HTML that stands alone: no reference to anything outside, no script. */
NODISCARD bool expiry_page(struct buf *out, const struct expiry_report *r,
                           struct error *err);

/* The drawings: picture/timeline.h, picture/strip.h, picture/relation.h. */
NODISCARD bool expiry_timeline(struct picture *out, const struct expiry_report *r,
                               struct error *err);
NODISCARD bool expiry_strip(struct picture *out, const struct expiry_report *r,
                            struct error *err);
NODISCARD bool expiry_relations(struct picture *out, const struct expiry_report *r,
                                struct error *err);

static inline bool expiry_is_wanted(const struct expiry_report *r,
                                    const struct expiry_item *item)
{
	return r->wanted == NULL || r->wanted(item, r->ctx);
}
