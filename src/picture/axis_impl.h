/* SPDX-License-Identifier: Apache-2.0 */
/*
 * axis_impl.h - the time axis of a drawing: which moments get a line and a label.
 */
#pragma once

#include "picture/svg_impl.h"

struct axis {
	int64_t from_s, until_s;
	unsigned left, right; /* pixels */
};

/* Where a moment is; the edges for what lies outside. */
unsigned axis_x(const struct axis *a, int64_t time_s);

/* Draw years and months (or months and days) above `top`, grid lines from there to
 * bottom. */
void axis_draw(struct svg *s, const struct axis *a, unsigned top, unsigned bottom);
