package exam

import "time"

// Warning is how short time has become.
type Warning string

// The warnings, from early to late.
const (
	NoWarning      Warning = ""
	HalfTime       Warning = "half-time"
	FifteenMinutes Warning = "fifteen-minutes"
	FiveMinutes    Warning = "five-minutes"
	OneMinute      Warning = "one-minute"
)

// Warning returns the latest one that holds at a moment that counts. One that
// would hold from the start on is none.
func (s *State) Warning(at time.Time) Warning {
	if s.Phase != Running {
		return NoWarning
	}
	left, whole := s.Left(at), time.Duration(s.Minutes)*time.Minute
	for _, w := range []struct {
		left time.Duration
		is   Warning
	}{{time.Minute, OneMinute}, {5 * time.Minute, FiveMinutes}, {15 * time.Minute, FifteenMinutes}, {whole / 2, HalfTime}} {
		if left <= w.left && w.left < whole {
			return w.is
		}
	}
	return NoWarning
}
