/* SPDX-License-Identifier: Apache-2.0 */
/*
 * explain_log.h - what a log has of the catalogue, each entry once.
 */
#pragma once

#include "explain/match.h"
#include "util/jsonio.h"

struct explain_log;

struct explain_log *explain_log_new(void);
void explain_log_feed(struct explain_log *log, struct slice bytes);
void explain_log_finish(struct explain_log *log);
size_t explain_log_count(const struct explain_log *log); /* different entries */
size_t explain_log_lines(const struct explain_log *log);
void explain_log_print(const struct explain_log *log);
json_t *explain_log_json(const struct explain_log *log);
void drop_explain_log(struct explain_log **log); /* for AUTO() */
