package imports

import "testing"

func TestTheRoadOfAFileIsToldByItsFirstBytes(t *testing.T) {
	for head, theirs := range map[string]bool{
		"<?xml version=\"1.0\"?><UKCCIS>":             true,
		"\xef\xbb\xbf\n <UKCCIS>":                     true,
		"\xff\xfe<\x00U\x00K\x00C\x00C\x00I\x00S\x00": true,
		"<?xml version=\"1.0\"?><CTfile>":             false,
		"<html><body><table>":                         false,
		"\ufeff\n<!DOCTYPE html>":                     false,
		"Surname,Forename\nAshdown,Wren":              false,
		"PK\x03\x04":                                  false,
		"":                                            false,
	} {
		if Takes([]byte(head)) != theirs {
			t.Errorf("%q goes the Department's road: %v", head, !theirs)
		}
	}
}
