/* SPDX-License-Identifier: Apache-2.0 */
#include "verify/devices.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "macho/read.h"
#include "util/jsonio.h"
#include "util/mem.h"

static bool is_hex(const char *text, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (!isxdigit((unsigned char)text[i]))
			return false;
	return true;
}

/* 40 digits, 8-16, or a Mac's 8-4-4-4-12. */
static bool is_udid(const char *text)
{
	static const struct {
		size_t parts[5];
	} forms[] = { { { 40 } }, { { 8, 16 } }, { { 8, 4, 4, 4, 12 } } };

	for (size_t i = 0; i < ARRAY_LEN(forms); i++) {
		const size_t *parts = forms[i].parts;
		const char *p = text;
		bool ok = true;

		for (size_t k = 0; ok && k < 5 && parts[k] > 0; k++) {
			ok = (k == 0 || *p++ == '-') &&
			     strnlen(p, parts[k]) == parts[k] && is_hex(p, parts[k]);
			p += ok ? parts[k] : 0;
		}
		if (ok && *p == '\0')
			return true;
	}
	return false;
}

static bool wrong_device(struct error *err, const char *text, const char *what)
{
	error_set(err, ERROR_USAGE, "\"%s\" is no %s", text, what);
	return error_hint(err, "A device is given as UDID, UDID=MODEL@OS or "
	                       "UDID=@17.4.");
}

bool verify_device_parse(struct verify_device *out, char **storage, const char *text,
                         struct error *err)
{
	AUTO(drop_str) char *copy = mem_copy(text);
	char *os = strrchr(copy, '@');
	char *model = NULL;
	struct verify_device d = *out;

	if (os != NULL) {
		*os++ = '\0';
		if (!macho_version_parse(&d.os_version, os))
			return wrong_device(err, os, "system version");
	}
	model = strchr(copy, '=');
	if (model != NULL)
		*model++ = '\0';
	if (model != NULL && strchr(model, '@') != NULL)
		return wrong_device(err, model, "model");
	if (!is_udid(copy))
		return wrong_device(err, copy, "device identifier");
	d.udid = copy;
	d.model = model != NULL && model[0] != '\0' ? model : NULL;
	*out = d;
	*storage = STEAL(copy);
	return true;
}

/* ---- many ---- */

void devices_free(struct devices *list)
{
	for (size_t i = 0; i < list->count; i++) {
		free(list->items[i].name);
		free(list->items[i].storage);
	}
	free(list->items);
	*list = (struct devices){ 0 };
}

/* Where in the file: "line 7", "device 7". */
struct place {
	const char *what;
	size_t n;
};

static bool wrong_at(struct error *err, const struct place *at, struct error *why)
{
	error_set(err, ERROR_FORMAT, "%s %zu: %s", at->what, at->n, why->message);
	return error_hint(err,
	                  "Each line is UDID[=MODEL@OS] NAME, or Device ID, Device "
	                  "Name and Device Platform with tabs between.");
}

/* word: "UDID[=MODEL@OS]". */
static bool add_device(struct devices *list, const struct place *at, const char *word,
                       const char *name, const struct verify_device *like,
                       struct error *err)
{
	struct device_entry new = { .device = *like, .place = at->n };
	struct error why = { 0 };

	if (list->count == DEVICES_MAX)
		return error_set(err, ERROR_LIMIT, "more than %zu devices in one file",
		                 DEVICES_MAX);
	if (!verify_device_parse(&new.device, &new.storage, word, &why))
		return wrong_at(err, at, &why);
	new.name = mem_copy(name);
	list->items =
		mem_grow(list->items, list->count, &list->cap, sizeof *list->items);
	list->items[list->count++] = new;
	return true;
}

/* ---- lines ---- */

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

static void trim(char *text)
{
	size_t n = strlen(text), start = 0;

	while (n > 0 && is_blank(text[n - 1]))
		n--;
	text[n] = '\0';
	while (is_blank(text[start]))
		start++;
	memmove(text, text + start, n - start + 1);
}

/* Cuts at the first tab; NULL: there is none. */
static char *cut_at_tab(char *text)
{
	char *tab = text != NULL ? strchr(text, '\t') : NULL;

	if (tab != NULL)
		*tab++ = '\0';
	return tab;
}

/* Apple's: identifier, name, and maybe the platform. */
static bool read_columns(struct devices *list, const struct place *at, char *line,
                         const struct verify_device *like, struct error *err)
{
	char *name = cut_at_tab(line);
	char *platform = cut_at_tab(name);

	trim(line);
	trim(name);
	if (platform != NULL && strchr(platform, '\t') != NULL)
		return error_set(err, ERROR_FORMAT, "%s %zu: more than three columns",
		                 at->what, at->n);
	if (strcmp(line, "Device ID") == 0)
		return true;
	return add_device(list, at, line, name, like, err);
}

static bool read_line(struct devices *list, const struct place *at, struct slice bytes,
                      const struct verify_device *like, struct error *err)
{
	AUTO(drop_str) char *line = mem_str((const char *)bytes.p, bytes.n);

	if (strlen(line) != bytes.n)
		return error_set(err, ERROR_FORMAT, "%s %zu: a NUL byte in the text",
		                 at->what, at->n);
	char *start = line + strspn(line, " \r");
	if (*start == '\0' || *start == '#')
		return true;
	/* What stands before the first tab has no spaces, but in Apple's heading. */
	if (strchr(start, '\t') != NULL)
		return read_columns(list, at, start, like, err);
	trim(start);
	char *space = strchr(start, ' ');
	if (space != NULL)
		*space++ = '\0';
	if (space != NULL)
		trim(space);
	return add_device(list, at, start, space != NULL ? space : "", like, err);
}

static bool read_lines(struct devices *list, struct slice text,
                       const struct verify_device *like, struct error *err)
{
	struct place at = { "line", 0 };

	while (text.n > 0) {
		const unsigned char *end = memchr(text.p, '\n', text.n);
		size_t n = end != NULL ? (size_t)(end - text.p) : text.n;

		at.n++;
		if (!read_line(list, &at, slice_of(text.p, n), like, err))
			return false;
		n += end != NULL;
		text = slice_of(text.p + n, text.n - n);
	}
	return true;
}

/* ---- JSON ---- */

/* A text of one of these keys; NULL: none has one. */
static const char *text_of(const json_t *object, const char *const *keys)
{
	for (; *keys != NULL; keys++)
		if (json_is_string(json_object_get(object, *keys)))
			return json_string_value(json_object_get(object, *keys));
	return NULL;
}

static bool read_object(struct devices *list, const struct place *at,
                        const json_t *object, const struct verify_device *like,
                        struct error *err)
{
	static const char *const ids[] = { "udid", "device", "Device ID",
		                           "deviceIdentifier", NULL };
	static const char *const names[] = { "name", "Device Name", "deviceName",
		                             NULL };
	static const char *const models[] = { "model", NULL };
	static const char *const systems[] = { "os", NULL };
	const char *id = text_of(object, ids), *name = text_of(object, names);
	const char *model = text_of(object, models), *os = text_of(object, systems);

	if (id == NULL)
		return error_set(err, ERROR_FORMAT, "%s %zu: no \"udid\"", at->what,
		                 at->n);
	AUTO(drop_str)
	char *word = mem_format("%s%s%s%s%s", id, model != NULL ? "=" : "",
	                        model != NULL ? model : "", os != NULL ? "@" : "",
	                        os != NULL ? os : "");
	return add_device(list, at, word, name != NULL ? name : "", like, err);
}

static bool read_json(struct devices *list, struct slice text,
                      const struct verify_device *like, struct error *err)
{
	AUTO(drop_json) json_t *root = NULL;
	struct place at = { "device", 0 };

	if (!jsonio_parse(&root, text, err))
		return false;
	const json_t *array =
		json_is_array(root) ? root : json_object_get(root, "devices");
	if (!json_is_array(array))
		return error_set(err, ERROR_FORMAT,
		                 "the JSON is no list of devices, and has none");
	for (size_t i = 0; i < json_array_size(array); i++) {
		at.n = i + 1;
		if (!read_object(list, &at, json_array_get(array, i), like, err))
			return false;
	}
	return true;
}

/* ---- twice ---- */

/* The same device whatever the case. */
struct udid_key {
	char text[41];
	size_t place;
};

static void drop_keys(struct udid_key **keys)
{
	free(*keys);
}

static void make_key(struct udid_key *key, const struct device_entry *d)
{
	size_t n = 0;

	for (const char *p = d->device.udid; *p != '\0' && n + 1 < sizeof key->text;
	     p++)
		key->text[n++] = (char)tolower((unsigned char)*p);
	key->text[n] = '\0';
	key->place = d->place;
}

static int by_key(const void *a, const void *b)
{
	const struct udid_key *x = a, *y = b;
	int order = strcmp(x->text, y->text);

	return order != 0 ? order : (x->place > y->place) - (x->place < y->place);
}

static bool check_once(const struct devices *list, const char *what, struct error *err)
{
	AUTO(drop_keys)
	struct udid_key *keys = mem_zero(list->count + 1, sizeof *keys);
	const struct udid_key *again = NULL;
	size_t first = 0;

	for (size_t i = 0; i < list->count; i++)
		make_key(&keys[i], &list->items[i]);
	qsort(keys, list->count, sizeof *keys, by_key);
	for (size_t i = 1; i < list->count; i++) {
		if (strcmp(keys[i - 1].text, keys[i].text) != 0 ||
		    (again != NULL && again->place < keys[i].place))
			continue;
		again = &keys[i];
		first = keys[i - 1].place;
	}
	if (again == NULL)
		return true;
	error_set(err, ERROR_FORMAT, "%s %zu: the device of %s %zu again", what,
	          again->place, what, first);
	return error_hint(err, "Remove one of the two.");
}

bool devices_read(struct devices *out, struct slice text,
                  const struct verify_device *like, struct error *err)
{
	AUTO(devices_free) struct devices list = { 0 };
	size_t start = 0;

	if (text.n > DEVICES_MAX_BYTES)
		return error_set(err, ERROR_LIMIT,
		                 "a file of devices has more than "
		                 "%zu bytes",
		                 DEVICES_MAX_BYTES);
	if (text.n >= 3 && memcmp(text.p, "\xef\xbb\xbf", 3) == 0)
		text = slice_of(text.p + 3, text.n - 3);
	while (start < text.n && isspace(text.p[start]))
		start++;
	bool json = start < text.n && (text.p[start] == '[' || text.p[start] == '{');
	if (!(json ? read_json : read_lines)(&list, text, like, err) ||
	    !check_once(&list, json ? "device" : "line", err))
		return false;
	if (list.count == 0)
		return error_set(err, ERROR_NOT_FOUND, "there is no device in it");
	*out = list;
	list = (struct devices){ 0 };
	return true;
}
