#include <stdio.h>
#include <stdlib.h>

/* High and low water take turns, a little more than six hours apart. */
int main(int argc, char **argv) {
	int hour = argc > 1 ? atoi(argv[1]) : 0;
	printf("%d h: %s water at %s\n", hour, hour / 6 % 2 == 0 ? "high" : "low", NAME);
	return 0;
}
