/* SPDX-License-Identifier: Apache-2.0 */
/*
 * plain_http.h - talk to a server on the loopback, byte for byte.
 */
#pragma once

#include <stdint.h>

#include "util/buf.h"

/* Send the text to 127.0.0.1:port, and append all that comes until the server closes
 * or is silent for ten seconds.  A failure to connect aborts. */
void plain_http(struct buf *out, uint16_t port, struct slice request);
