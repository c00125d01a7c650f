/* SPDX-License-Identifier: Apache-2.0 */
/*
 * matrix.h - one app and many devices: a table of verdicts.
 */
#pragma once

#include "cli/verdict_print.h"
#include "verify/devices.h"

/*
 * Ask each device.  Prints the table, or fills *json in if json is not NULL.
 * True: all admit the app.
 */
bool matrix_ask(json_t **json, struct verify_app *app, const struct devices *devices,
                const struct verdict_about *about);
