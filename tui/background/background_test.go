package background

import "testing"

func TestDark(t *testing.T) {
	tests := []struct {
		name, answer string
		want         bool
	}{
		{"white", "\x1b]11;rgb:ffff/ffff/ffff\x1b\\\x1b[1;1R", false},
		{"black", "\x1b]11;rgb:0000/0000/0000\a\x1b[1;1R", true},
		{"short form", "\x1b]11;rgb:ff/ff/e0\a", false},
		{"dark blue", "\x1b]11;rgb:0000/2b2b/3636\x1b\\", true},
		{"position alone", "\x1b[24;80R", true},
		{"garbage", "\x1b]11;rgb:zz\x1b\\", true},
		{"nothing", "", true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := dark(tt.answer); got != tt.want {
				t.Errorf("dark(%q) = %t, want %t", tt.answer, got, tt.want)
			}
		})
	}
}

func TestComplete(t *testing.T) {
	for answer, want := range map[string]bool{
		"":                                   false,
		"\x1b]11;rgb:ffff/ffff/ffff\x1b\\":   false,
		"\x1b]11;rgb:0/0/0\x1b\\\x1b[12;40R": true,
	} {
		if got := complete(answer); got != want {
			t.Errorf("complete(%q) = %t, want %t", answer, got, want)
		}
	}
}
