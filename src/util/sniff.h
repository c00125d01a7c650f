/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sniff.h - what bytes look like, for the texts of errors: what somebody gave in
 * place of what was wanted.  It decides nothing.
 */
#pragma once

#include "util/error.h"
#include "util/slice.h"

/* "a zip archive", "PEM text", "binary data"; "nothing" for no bytes. */
const char *sniff(struct slice bytes);

/* Adds the evidence "it has 12 bytes, and looks like PEM text".  Returns false. */
bool sniff_evidence(struct error *err, struct slice bytes);

/*
 * The file at path, read as `what` ("certificate"), was refused by its parser: add
 * what it looks like, the command that tells more, and what we were doing.  Returns
 * false.
 */
bool sniff_refused(struct error *err, const char *what, const char *path,
                   struct slice bytes);
