/* SPDX-License-Identifier: ISC
 * secret.c - a password or token: from a file, the environment, a prompt
 *
 * Never from the command line, which everybody on the machine can read.
 */
#include "secret.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <termios.h>
#include <unistd.h>

#include "mailsonde/scan.h"
#include "output.h"

#define ROOM ((size_t)16 * 1024) /* tokens of OAuth 2.0 have a few thousand */

/* ---- where it is kept ---- */

static bool
make_room(struct secret *out)
{
	struct rlimit none = { 0, 0 };
	void *p = mmap(NULL, ROOM, PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	memset(out, 0, sizeof(*out));
	if (p == MAP_FAILED) {
		complain("no memory for a secret: %s", strerror(errno));
		return false;
	}
	(void)mlock(p, ROOM); /* as far as the system lets us */
	(void)madvise(p, ROOM, MADV_DONTDUMP);
	(void)setrlimit(RLIMIT_CORE, &none);
	out->p = p;
	return true;
}

void
secret_wipe(struct secret *secret)
{
	if (!secret->p)
		return;
	explicit_bzero(secret->p, ROOM);
	(void)munmap(secret->p, ROOM);
	secret->p = NULL;
	secret->n = 0;
}

/* ---- from a file ---- */

void
secret_warn(const char *path)
{
	struct stat st;

	if (stat(path, &st) == 0 && S_ISREG(st.st_mode) &&
	    (st.st_mode & (S_IRGRP | S_IROTH)))
		complain(
		    "%s: others can read it; chmod 600 keeps them out", path);
}

static int
read_file(const char *path, struct secret *out)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	ssize_t n;

	if (fd < 0) {
		complain("%s: %s", path, strerror(errno));
		return EXIT_NOFILE;
	}
	secret_warn(path);
	do {
		n = read(fd, out->p + out->n, ROOM - out->n);
		if (n > 0)
			out->n += (size_t)n;
	} while ((n > 0 && out->n < ROOM) || (n < 0 && errno == EINTR));
	if (n < 0)
		complain("%s: %s", path, strerror(errno));
	close(fd);
	return n < 0 ? EXIT_NOFILE : 0;
}

/* ---- from the environment ---- */

static int
read_env(const char *name, struct secret *out)
{
	char *value = getenv(name);
	size_t n = value ? strlen(value) : 0;

	if (!value) {
		complain("the variable %s is not set", name);
		return EXIT_USAGE;
	}
	out->n = n < ROOM ? n : ROOM;
	memcpy(out->p, value, out->n);
	explicit_bzero(value, n); /* also in /proc/PID/environ */
	return 0;
}

/* ---- from the terminal ---- */

enum key { KEY_MORE, KEY_DONE, KEY_CANCEL };

/* Backspace takes a whole character of UTF-8. */
static enum key
take_key(struct secret *out, unsigned char key)
{
	switch (key) {
	case '\n':
	case '\r':
	case 4: /* ^D */
		return KEY_DONE;
	case 3: /* ^C */
		return KEY_CANCEL;
	case 21: /* ^U */
		explicit_bzero(out->p, out->n);
		out->n = 0;
		return KEY_MORE;
	case 8:
	case 127:
		while (out->n > 0 && (out->p[--out->n] & 0xC0) == 0x80)
			;
		return KEY_MORE;
	default:
		if (out->n < ROOM)
			out->p[out->n++] = key;
		return KEY_MORE;
	}
}

static bool
is_ended(void)
{
	sigset_t pending;

	return sigpending(&pending) == 0 &&
	       (sigismember(&pending, SIGTERM) == 1 ||
		   sigismember(&pending, SIGHUP) == 1 ||
		   sigismember(&pending, SIGINT) == 1);
}

static enum key
take_keys(int tty, struct secret *out)
{
	enum key state = KEY_MORE;

	while (state == KEY_MORE) {
		struct pollfd p = { .fd = tty, .events = POLLIN };
		unsigned char key;

		if (is_ended())
			return KEY_CANCEL;
		if (poll(&p, 1, 200) <= 0)
			continue;
		if (read(tty, &key, 1) != 1)
			return KEY_CANCEL;
		state = take_key(out, key);
	}
	return state;
}

/* Nothing is echoed, and a signal waits until the terminal is itself again. */
static enum key
ask(int tty, const char *whose, struct secret *out)
{
	struct termios before, quiet;
	sigset_t ends, mask;
	enum key state;

	if (tcgetattr(tty, &before) != 0)
		return KEY_CANCEL;
	sigemptyset(&ends);
	sigaddset(&ends, SIGTERM);
	sigaddset(&ends, SIGHUP);
	sigaddset(&ends, SIGINT);
	sigaddset(&ends, SIGTSTP);
	sigprocmask(SIG_BLOCK, &ends, &mask);
	quiet = before;
	quiet.c_lflag &=
	    ~(tcflag_t)(ECHO | ECHOE | ECHOK | ECHONL | ICANON | ISIG);
	tcsetattr(tty, TCSAFLUSH, &quiet);
	(void)!write(tty, "Secret for ", 11);
	(void)!write(tty, whose, strlen(whose));
	(void)!write(tty, ": ", 2);
	state = take_keys(tty, out);
	(void)!write(tty, "\n", 1);
	tcsetattr(tty, TCSAFLUSH, &before);
	sigprocmask(SIG_SETMASK, &mask, NULL);
	return state;
}

/* What came from the command line is not sent to a terminal as it is. */
static bool
is_printable(const char *text)
{
	for (; *text; text++)
		if (ms_is((unsigned char)*text, MS_C_CTL | MS_C_HIGH))
			return false;
	return true;
}

static int
read_terminal(const char *whose, struct secret *out)
{
	int tty = open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY);
	enum key state;

	if (tty < 0) {
		complain("no secret for %s: give a file or a variable that "
			 "has it, or a terminal to ask at",
		    whose);
		return EXIT_USAGE;
	}
	state = ask(tty, is_printable(whose) ? whose : "this user", out);
	close(tty);
	if (state == KEY_DONE)
		return 0;
	complain("no secret was given");
	return EXIT_USAGE;
}

/* ---- from anywhere ---- */

/* Of a file or variable, the first line; what stands behind it is wiped. */
static void
keep_first_line(struct secret *out)
{
	size_t n = 0;

	while (n < out->n && out->p[n] != '\n' && out->p[n] != '\r')
		n++;
	explicit_bzero(out->p + n, out->n - n);
	out->n = n;
}

int
secret_read(
    const char *whose, const char *file, const char *env, struct secret *out)
{
	const char *wrong = NULL;
	int code;

	if (!make_room(out))
		return EXIT_FAULT;
	code = file  ? read_file(file, out)
	       : env ? read_env(env, out)
		     : read_terminal(whose, out);
	keep_first_line(out);
	if (code == 0 && out->n == 0)
		wrong = "is empty";
	else if (code == 0 && out->n >= ROOM)
		wrong = "is over 16 KiB";
	else if (code == 0 && memchr(out->p, '\0', out->n))
		wrong = "has a NUL in it";
	if (wrong) {
		complain("the secret for %s %s", whose, wrong);
		code = EXIT_USAGE;
	}
	if (code != 0)
		secret_wipe(out);
	return code;
}

/* ---- --login and its kin ---- */

static const char *
contradiction(const struct options *options)
{
	bool password = options->password_file || options->password_env;
	bool token = options->token_file || options->token_env;

	if (!options->login)
		return password || token || options->mechanism ||
			       options->insecure_login
			   ? "--login USER is missing"
			   : NULL;
	if (options->password_file && options->password_env)
		return "--password-file and --password-env: one of them";
	if (options->token_file && options->token_env)
		return "--token-file and --token-env: one of them";
	if (password && token)
		return "a password and a token: one of them";
	return NULL;
}

int
login_open(
    const struct options *options, struct ms_login *out, struct secret *secret)
{
	const char *wrong = contradiction(options);
	bool token = options->token_file || options->token_env;
	int code = 0;

	memset(out, 0, sizeof(*out));
	memset(secret, 0, sizeof(*secret));
	if (wrong) {
		complain("%s", wrong);
		return EXIT_USAGE;
	}
	if (!options->login)
		return 0;
	out->user = options->login;
	out->mechanism = options->mechanism;
	out->anyhow = options->insecure_login;
	out->token = token;
	if (options->replay || options->offline)
		return 0;
	code = secret_read(options->login,
	    token ? options->token_file : options->password_file,
	    token ? options->token_env : options->password_env, secret);
	out->secret.p = secret->p;
	out->secret.n = secret->n;
	return code;
}
