package access

// The actions on figures for the public, and on the rights of young people and
// parents.
const (
	// SeePublications is to see drafts of figures for the public, PublishFigures
	// to make them, FreezeFigures to publish them.
	SeePublications Action = "see figures for the public"
	PublishFigures  Action = "make figures for the public"
	FreezeFigures   Action = "publish figures"

	// RecordOptOut is to record, or to end, that somebody has told us to pass
	// nothing on; RecordRequest is to note what a young person or a parent asks
	// as is their right, which anybody may be told.
	RecordOptOut  Action = "record an opt-out"
	RecordRequest Action = "record a request about rights"
	// KeepRequests is to work on requests about rights, ReleasePack to give
	// somebody what is held about them.
	KeepRequests       Action = "work on requests about rights"
	ReleasePack        Action = "release what is held about a young person"
	RestrictProcessing Action = "restrict processing"
	// LogDisclosure is to note that what the law protects was told to somebody.
	LogDisclosure Action = "log a disclosure"
)
