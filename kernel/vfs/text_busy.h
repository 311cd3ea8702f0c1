// SPDX-License-Identifier: MIT
//
// ETXTBSY: who writes to a file and who runs it exclude each other. A program runs from its file as long as some process has it as its
// executable; its interpreter and libraries are not meant.
#pragma once

struct file;
struct node;

// 0 or -ETXTBSY. What was begun is ended by the one who began it.
int text_begin_write(struct node *n);
void text_end_write(struct node *n);
int text_begin_run(struct file *f);
void text_run_again(struct file *f); // by somebody else too: it is being run
void text_end_run(struct file *f);   // NULL allowed
