//go:build cgo

package main

/*
#include <pthread.h>
#include <stdlib.h>
static int order(const void *a, const void *b) { return *(const int *)a - *(const int *)b; }
static int least(int *v, int n) { qsort(v, n, sizeof(*v), order); return v[0]; }
static void *run(void *p) { *(int *)p += 40; return 0; }
static int in_thread(int n) { pthread_t t; return pthread_create(&t, 0, run, &n) || pthread_join(t, 0) ? -1 : n; }
*/
import "C"

import "fmt"

func native() string {
	v := []C.int{7, 3, 5}
	results := make(chan int)
	for i := 0; i < 8; i++ {
		go func(n int) { results <- int(C.in_thread(C.int(n))) }(i)
	}
	sum := 0
	for i := 0; i < 8; i++ {
		sum += <-results
	}
	return fmt.Sprint(C.least(&v[0], 3), " ", sum)
}
