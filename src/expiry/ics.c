/* SPDX-License-Identifier: Apache-2.0 */
/*
 * iCalendar (RFC 5545).
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "expiry/formats.h"
#include "util/clock.h"
#include "util/mem.h"

#define LINE_OCTETS 75 /* RFC 5545 3.1, without the line end */

/* A content line, folded: no character is cut. */
static bool put_line(struct buf *out, struct error *err, const char *fmt, ...)
	PRINTF_LIKE(3, 4);
static bool put_line(struct buf *out, struct error *err, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	AUTO(drop_str) char *line = mem_vformat(fmt, ap);
	va_end(ap);
	const char *rest = line;
	size_t room = LINE_OCTETS;
	while (strlen(rest) > room) {
		size_t n = room;
		while (((unsigned char)rest[n] & 0xc0) == 0x80)
			n--;
		if (!buf_append(out, slice_of(rest, n), err) ||
		    !buf_append_str(out, "\r\n ", err))
			return false;
		rest += n;
		room = LINE_OCTETS - 1; /* the space counts */
	}
	return buf_append_str(out, rest, err) && buf_append_str(out, "\r\n", err);
}

/* A TEXT value (3.3.11); names are made safe first. */
static char *text_value(const char *text)
{
	AUTO(buf_free) struct buf safe = BUF_INIT(EXPIRY_FORMAT_MAX_BYTES);
	AUTO(buf_free) struct buf out = BUF_INIT(EXPIRY_FORMAT_MAX_BYTES);
	struct error ignored = { 0 };

	/* A name is short (PICTURE_NAME_MAX): the limits are out of reach. */
	if (!picture_plain(&safe, text, &ignored))
		return mem_copy("");
	for (size_t i = 0; i < safe.n; i++) {
		const char c = (char)safe.p[i];
		if ((strchr("\\;,", c) != NULL &&
		     !buf_append_str(&out, "\\", &ignored)) ||
		    !buf_append(&out, slice_of(&c, 1), &ignored))
			return mem_copy("");
	}
	return mem_str(out.p, out.n);
}

static void compact_date(char out[CLOCK_TEXT_BYTES], int64_t time_s)
{
	int year, month, day, hour, minute, second;

	clock_to_civil(time_s, &year, &month, &day, &hour, &minute, &second);
	snprintf(out, CLOCK_TEXT_BYTES, "%04d%02d%02d", year % 10000, month, day);
}

static void compact_time(char out[CLOCK_TEXT_BYTES], int64_t time_s)
{
	int year, month, day, hour, minute, second;

	clock_to_civil(time_s, &year, &month, &day, &hour, &minute, &second);
	snprintf(out, CLOCK_TEXT_BYTES, "%04d%02d%02dT%02d%02d%02dZ", year % 10000,
	         month, day, hour, minute, second);
}

static bool put_alarms(struct buf *out, const char *summary, struct error *err)
{
	for (size_t i = 0; i < EXPIRY_STEPS; i++)
		if (!put_line(out, err, "BEGIN:VALARM") ||
		    !put_line(out, err, "ACTION:DISPLAY") ||
		    !put_line(out, err, "DESCRIPTION:%s", summary) ||
		    !put_line(out, err, "TRIGGER:-P%dD", expiry_steps[i]) ||
		    !put_line(out, err, "END:VALARM"))
			return false;
	return true;
}

static char *describe(const struct expiry_item *item)
{
	AUTO(drop_str) char *breaks = expiry_breaks(item);
	AUTO(drop_str) char *because = expiry_because(item);
	AUTO(drop_str) char *what = text_value(breaks);
	AUTO(drop_str) char *why = text_value(because);
	AUTO(drop_str) char *path = text_value(item->path);

	return mem_format("Breaks: %s%s%s\\nFound in: %s", what,
	                  why[0] != '\0' ? "\\nDecided by: " : "", why, path);
}

static bool put_event(struct buf *out, const struct expiry_report *r,
                      const struct expiry_item *item, struct error *err)
{
	char day[CLOCK_TEXT_BYTES], next[CLOCK_TEXT_BYTES], stamp[CLOCK_TEXT_BYTES];
	AUTO(drop_str) char *name = text_value(item->name);
	AUTO(drop_str) char *id = text_value(item->id);
	AUTO(drop_str) char *description = describe(item);
	AUTO(drop_str)
	char *summary = mem_format("%s ends (%s)", name, expiry_kind_name(item->kind));

	compact_date(day, item->until_s);
	compact_date(next, item->until_s + CLOCK_DAY_S);
	compact_time(stamp, r->now_s);
	return put_line(out, err, "BEGIN:VEVENT") &&
	       put_line(out, err, "UID:%s-%s@sealring", expiry_kind_name(item->kind),
	                id) &&
	       put_line(out, err, "DTSTAMP:%s", stamp) &&
	       put_line(out, err, "DTSTART;VALUE=DATE:%s", day) &&
	       put_line(out, err, "DTEND;VALUE=DATE:%s", next) &&
	       put_line(out, err, "SUMMARY:%s", summary) &&
	       put_line(out, err, "DESCRIPTION:%s", description) &&
	       put_line(out, err, "CATEGORIES:%s", expiry_kind_name(item->kind)) &&
	       put_line(out, err, "TRANSP:TRANSPARENT") &&
	       (item->until_s < r->now_s || put_alarms(out, summary, err)) &&
	       put_line(out, err, "END:VEVENT");
}

bool expiry_ics(struct buf *out, const struct expiry_report *r, struct error *err)
{
	if (!put_line(out, err, "BEGIN:VCALENDAR") ||
	    !put_line(out, err, "VERSION:2.0") ||
	    !put_line(out, err, "PRODID:-//Sealring//expiry//EN") ||
	    !put_line(out, err, "CALSCALE:GREGORIAN") ||
	    !put_line(out, err, "X-WR-CALNAME:Code signing: what ends"))
		return false;
	for (size_t i = 0; i < r->e->count; i++) {
		const struct expiry_item *item = &r->e->items[r->e->order[i]];
		if (expiry_is_wanted(r, item) && !put_event(out, r, item, err))
			return false;
	}
	return put_line(out, err, "END:VCALENDAR");
}
