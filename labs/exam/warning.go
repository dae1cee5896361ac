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

// Warning returns the latest one that holds at a moment that counts.
func (s *State) Warning(at time.Time) Warning {
	if s.Phase != Running {
		return NoWarning
	}
	left := s.Left(at)
	switch {
	case left <= time.Minute:
		return OneMinute
	case left <= 5*time.Minute:
		return FiveMinutes
	case left <= 15*time.Minute:
		return FifteenMinutes
	case left <= time.Duration(s.Minutes)*time.Minute/2:
		return HalfTime
	}
	return NoWarning
}
