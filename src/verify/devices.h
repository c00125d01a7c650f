/* SPDX-License-Identifier: Apache-2.0 */
/*
 * verify/devices.h - devices as people write them: one, or a file of many.
 */
#pragma once

#include "util/buf.h"
#include "verify/verify.h"

#define DEVICES_MAX       ((size_t)10000) /* in one file */
#define DEVICES_MAX_BYTES ((size_t)4 << 20)

/*
 * "0000...[=MODEL@OS]" or "UDID=@17.4": fills device; borrowed from *storage, which
 * the caller frees.  ERROR_USAGE.
 */
NODISCARD bool verify_device_parse(struct verify_device *out, char **storage,
                                   const char *text, struct error *err);

struct device_entry {
	struct verify_device device;
	char *name;    /* "" where none is given */
	char *storage; /* private: what device borrows from */
	size_t place;  /* line of the text, or which one in the JSON; from 1 */
};

struct devices {
	struct device_entry *items; /* in the file's order */
	size_t count, cap;
};

/*
 * Read a file of devices:
 *
 *     00008110-000A1C2E3F4A001E=iPhone14,5@17.4  Anna's iPhone     # and empty lines
 *     Device ID <tab> Device Name <tab> Device Platform    as Apple's upload has it
 *     [{"udid": "...", "name": "...", "model": "...", "os": "17.4"}, ...]
 *     {"devices": [...]}                                   as device list --json has it
 *
 * like: what the file cannot say of a device.  Each stands there once.
 * Errors: ERROR_FORMAT with the line, or which one of the JSON; ERROR_LIMIT;
 * ERROR_NOT_FOUND: there is none.
 */
NODISCARD bool devices_read(struct devices *out, struct slice text,
                            const struct verify_device *like, struct error *err);
void devices_free(struct devices *list); /* for AUTO() */
