package prog

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// A duration has two bytes in a record, so it is counted in ticks: whole milliseconds up to a minute, where short
// sleeps matter, and whole seconds from there on.
const (
	minute     = int64(time.Minute)
	shortTick  = int64(time.Millisecond)
	longTick   = int64(time.Second)
	shortTicks = minute / shortTick
)

func ticks(ns int64) int64 {
	if ns < minute {
		return ns / shortTick
	}
	return shortTicks + (ns-minute)/longTick
}

func fromTicks(n int64) int64 {
	if n < shortTicks {
		return n * shortTick
	}
	return minute + (n-shortTicks)*longTick
}

// index returns the place of v in the unbroken line of all values of its kind.
func (a *Arg) index(v int64) int64 {
	if a.Kind == Dur {
		return ticks(v)
	}
	return v
}

// decode returns the value of a code. Codes go through the default, if there is one, the nice values and then all
// values from the lowest; then they begin again. With nice they begin again after the nice values, if there are any.
func (a *Arg) decode(code uint16, nice bool) int64 {
	c, n := int64(code), a.codes()
	if nice && len(a.Nice) > 0 {
		n -= a.span()
	}
	c %= n
	if a.Optional {
		if c == 0 {
			return a.Default
		}
		c--
	}
	if c < int64(len(a.Nice)) {
		return a.Nice[c]
	}
	return a.at(c - int64(len(a.Nice)))
}

// encode returns the smallest code of a valid value.
func (a *Arg) encode(v int64) uint16 {
	if a.Optional && v == a.Default {
		return 0
	}
	first := a.codes() - a.span() - int64(len(a.Nice))
	if i := slices.Index(a.Nice, v); i >= 0 {
		return uint16(first + int64(i))
	}
	return uint16(a.codes() - a.span() + a.index(v) - a.index(a.Min))
}

// codes returns how many codes decode tells apart.
func (a *Arg) codes() int64 {
	n := int64(len(a.Nice)) + a.span()
	if a.Optional {
		n++
	}
	return n
}

// span returns how many values there are.
func (a *Arg) span() int64 {
	if a.Kind == Enum {
		return int64(len(a.Choices))
	}
	return a.index(a.Max) - a.index(a.Min) + 1
}

// at returns the value i places after the lowest.
func (a *Arg) at(i int64) int64 {
	switch a.Kind {
	case Enum:
		return i
	case Dur:
		return fromTicks(ticks(a.Min) + i)
	}
	return a.Min + i
}

// check returns what is wrong with a value of a kind other than Ref, or nil.
func (a *Arg) check(v int64) error {
	switch {
	case a.Kind == Enum:
		if v < 0 || v >= int64(len(a.Choices)) {
			return fmt.Errorf("got choice %d, want 0..%d", v, len(a.Choices)-1)
		}
	case v < a.Min || v > a.Max:
		return fmt.Errorf("got %s, want %s..%s", a.text(v), a.text(a.Min), a.text(a.Max))
	case a.Kind == Dur && fromTicks(ticks(v)) != v:
		return fmt.Errorf("got %s, want whole milliseconds below a minute and whole seconds from there on", a.text(v))
	}
	return nil
}

// text returns v as it is written in a program. It does not know the names of results.
func (a *Arg) text(v int64) string {
	switch {
	case a.Kind == Dur:
		return formatDur(v)
	case a.Kind == Enum && v >= 0 && v < int64(len(a.Choices)):
		return a.Choices[v]
	case a.Hex && v < 0:
		return "-0x" + strconv.FormatUint(-uint64(v), 16)
	case a.Hex:
		return "0x" + strconv.FormatInt(v, 16)
	}
	return strconv.FormatInt(v, 10)
}

// formatDur is time.Duration.String without the zeros at the end: 1m, not 1m0s.
func formatDur(ns int64) string {
	s := time.Duration(ns).String()
	if t, ok := strings.CutSuffix(s, "m0s"); ok {
		s = t + "m"
	}
	if t, ok := strings.CutSuffix(s, "h0m"); ok {
		s = t + "h"
	}
	return s
}

// parse is the inverse of text. It accepts more than check does.
func (a *Arg) parse(s string) (int64, error) {
	switch a.Kind {
	case Dur:
		d, err := time.ParseDuration(s)
		if err != nil {
			return 0, fmt.Errorf("got %q, want a duration such as 500ms or 2s", s)
		}
		return int64(d), nil
	case Enum:
		i := slices.Index(a.Choices, s)
		if i < 0 {
			return 0, fmt.Errorf("got %q, want one of %s", s, strings.Join(a.Choices, ", "))
		}
		return int64(i), nil
	}
	return a.parseInt(s)
}

func (a *Arg) parseInt(s string) (int64, error) {
	// Base 0 would read 010 as octal.
	base := 10
	digits, hex := strings.CutPrefix(s, "0x")
	if neg, ok := strings.CutPrefix(s, "-0x"); ok {
		digits, hex = "-"+neg, true
	}
	if hex {
		base = 16
	}
	v, err := strconv.ParseInt(digits, base, 64)
	if err == nil {
		return v, nil
	}
	if errors.Is(err, strconv.ErrRange) {
		return 0, fmt.Errorf("got %s, want %s..%s", s, a.text(a.Min), a.text(a.Max))
	}
	return 0, fmt.Errorf("got %q, want a number", s)
}
