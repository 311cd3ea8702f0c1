// SPDX-License-Identifier: MIT
#pragma once

void proc_mount(void); // fills /proc and the parts of /sys that runtimes read
