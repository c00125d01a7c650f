/* SPDX-License-Identifier: Apache-2.0 */
/*
 * plan_print.h - a signing plan as people and programs read it.
 */
#pragma once

#include <jansson.h>

#include "sign/sign.h"

/* Every step, in signing order. */
void plan_print(const struct sign_plan *plan);

/* Only what was decided against the app's wishes: "entitlement X dropped". */
void plan_print_notes(const struct sign_plan *plan);

json_t *plan_json(const struct sign_plan *plan);
