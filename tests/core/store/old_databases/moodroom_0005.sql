BEGIN TRANSACTION;
CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL, CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num));
INSERT INTO "alembic_version" VALUES('moodroom_0005');
CREATE TABLE base (
	room TEXT NOT NULL, 
	uri TEXT NOT NULL, 
	position BIGINT NOT NULL, 
	entry TEXT NOT NULL, 
	CONSTRAINT pk_base PRIMARY KEY (room, uri)
);
INSERT INTO "base" VALUES('house','spotify:track:0000000000000000000001',1,'{"track":{"uri":"spotify:track:0000000000000000000001","name":"A song","artists":["Somebody","Else"],"duration_ms":200000,"isrc":"QZES71982312","album":null,"artwork_url":null,"is_playable":true,"year":null},"tier":"CONFIRMED","strikes":1,"since_ms":7,"why":"mined","source":"","confidence":null}');
INSERT INTO "base" VALUES('house','spotify:track:0000000000000000000002',2,'{"track":{"uri":"spotify:track:0000000000000000000002","name":"A song","artists":["Somebody","Else"],"duration_ms":200000,"isrc":"QZES71982312","album":null,"artwork_url":null,"is_playable":true,"year":null},"tier":"CONFIRMED","strikes":1,"since_ms":7,"why":"mined","source":"","confidence":null}');
CREATE TABLE base_before (
	room TEXT NOT NULL, 
	uri TEXT NOT NULL, 
	position BIGINT NOT NULL, 
	entry TEXT NOT NULL, 
	CONSTRAINT pk_base_before PRIMARY KEY (room, uri)
);
INSERT INTO "base_before" VALUES('house','spotify:track:0000000000000000000001',1,'{"track":{"uri":"spotify:track:0000000000000000000001","name":"A song","artists":["Somebody","Else"],"duration_ms":200000,"isrc":"QZES71982312","album":null,"artwork_url":null,"is_playable":true,"year":null},"tier":"CONFIRMED","strikes":1,"since_ms":7,"why":"mined","source":"","confidence":null}');
INSERT INTO "base_before" VALUES('house','spotify:track:0000000000000000000002',2,'{"track":{"uri":"spotify:track:0000000000000000000002","name":"A song","artists":["Somebody","Else"],"duration_ms":200000,"isrc":"QZES71982312","album":null,"artwork_url":null,"is_playable":true,"year":null},"tier":"CONFIRMED","strikes":1,"since_ms":7,"why":"mined","source":"","confidence":null}');
CREATE TABLE delivery (
	play_id BIGINT NOT NULL, 
	target TEXT NOT NULL, 
	status TEXT NOT NULL, 
	next_try_ms BIGINT NOT NULL, 
	delivery TEXT NOT NULL, 
	CONSTRAINT pk_delivery PRIMARY KEY (play_id, target)
);
INSERT INTO "delivery" VALUES(1,'lastfm','waiting',0,'{"play_id":1,"target":"lastfm","status":"waiting","at_ms":1,"tries":0,"next_try_ms":0,"reason":"","edit":null}');
CREATE TABLE event (
	id BIGINT NOT NULL, 
	kind TEXT NOT NULL, 
	zone TEXT NOT NULL, 
	at_ms BIGINT NOT NULL, 
	is_done BOOLEAN NOT NULL, 
	event TEXT NOT NULL, 
	CONSTRAINT pk_event PRIMARY KEY (id)
);
INSERT INTO "event" VALUES(2,'SKIPPED','home',12000,0,'{"id":2,"zone":"home","at_ms":12000,"listen":{"track":{"uri":"spotify:track:0000000000000000000002","name":"A song","artists":["Somebody","Else"],"duration_ms":200000,"isrc":"QZES71982312","album":null,"artwork_url":null,"is_playable":true,"year":null},"started_at_ms":1000,"ended_at_ms":12000,"verdict":{"kind":"SKIPPED","cause":"listener","end":{"lo_ms":10000,"estimate_ms":11000,"hi_ms":12000},"is_sure":true},"room":"house","tier":"SAFE_SIDE","ledger_id":2}}');
INSERT INTO "event" VALUES(3,'TRACK_CHANGED','home',12000,0,'{"id":3,"zone":"home","at_ms":12000,"track":{"uri":"spotify:track:0000000000000000000003","name":"A song","artists":["Somebody","Else"],"duration_ms":200000,"isrc":"QZES71982312","album":null,"artwork_url":null,"is_playable":true,"year":null},"entry":null,"consumed":1}');
CREATE TABLE fact (
	"key" TEXT NOT NULL, 
	value TEXT NOT NULL, 
	CONSTRAINT pk_fact PRIMARY KEY ("key")
);
INSERT INTO "fact" VALUES('last','1');
CREATE TABLE finding (
	kind TEXT NOT NULL, 
	"key" TEXT NOT NULL, 
	at_ms BIGINT NOT NULL, 
	expires_at_ms BIGINT NOT NULL, 
	found TEXT NOT NULL, 
	CONSTRAINT pk_finding PRIMARY KEY (kind, "key")
);
INSERT INTO "finding" VALUES('facts','isrc:1',1,1000000000000001,'{}');
CREATE TABLE history (
	id BIGINT NOT NULL, 
	zone TEXT NOT NULL, 
	ended_at_ms BIGINT NOT NULL, 
	listen TEXT NOT NULL, 
	CONSTRAINT pk_history PRIMARY KEY (id)
);
INSERT INTO "history" VALUES(2,'home',12000,'{"track":{"uri":"spotify:track:0000000000000000000002","name":"A song","artists":["Somebody","Else"],"duration_ms":200000,"isrc":"QZES71982312","album":null,"artwork_url":null,"is_playable":true,"year":null},"started_at_ms":1000,"ended_at_ms":12000,"verdict":{"kind":"SKIPPED","cause":"listener","end":{"lo_ms":10000,"estimate_ms":11000,"hi_ms":12000},"is_sure":true},"room":"house","tier":"SAFE_SIDE","ledger_id":2}');
CREATE TABLE ledger (
	zone TEXT NOT NULL, 
	id BIGINT NOT NULL, 
	entry TEXT NOT NULL, 
	CONSTRAINT pk_ledger PRIMARY KEY (zone, id)
);
INSERT INTO "ledger" VALUES('home',1,'{"id":1,"zone":"home","room":"house","tier":"CONFIRMED","track":{"uri":"spotify:track:0000000000000000000001","name":"A song","artists":["Somebody","Else"],"duration_ms":200000,"isrc":"QZES71982312","album":null,"artwork_url":null,"is_playable":true,"year":null},"activation":1,"status":"queued","why":"drawn","drawn_at_ms":5,"is_top_up":false}');
CREATE TABLE liked (
	uri TEXT NOT NULL, 
	added_at_us BIGINT NOT NULL, 
	track TEXT NOT NULL, 
	CONSTRAINT pk_liked PRIMARY KEY (uri)
);
INSERT INTO "liked" VALUES('spotify:track:0000000000000000000001',1772366400000000,'{"uri":"spotify:track:0000000000000000000001","name":"A song","artists":["Somebody","Else"],"duration_ms":200000,"isrc":"QZES71982312","album":null,"artwork_url":null,"is_playable":true,"year":null}');
CREATE TABLE lookup (
	"key" TEXT NOT NULL, 
	at_ms BIGINT NOT NULL, 
	found TEXT NOT NULL, 
	CONSTRAINT pk_lookup PRIMARY KEY ("key")
);
INSERT INTO "lookup" VALUES('a song
somebody',5,'[{"uri":"spotify:track:0000000000000000000001","name":"A song","artists":["Somebody","Else"],"duration_ms":200000,"isrc":"QZES71982312","album":null,"artwork_url":null,"is_playable":true,"year":null}]');
CREATE TABLE past_play (
	id BIGINT NOT NULL, 
	"key" BIGINT NOT NULL, 
	ended_at_ms BIGINT NOT NULL, 
	heard_ms BIGINT NOT NULL, 
	uri TEXT, 
	name TEXT NOT NULL, 
	artist TEXT NOT NULL, 
	album TEXT NOT NULL, 
	reason_start TEXT, 
	reason_end TEXT, 
	is_skipped BOOLEAN, 
	CONSTRAINT pk_past_play PRIMARY KEY (id), 
	CONSTRAINT uq_past_play_key UNIQUE ("key")
);
INSERT INTO "past_play" VALUES(-2825878013741758,1832519346497081524,1600000012000,11000,'spotify:track:0000000000000000000001','A song','Somebody','An album','clickrow','fwdbtn',1);
INSERT INTO "past_play" VALUES(-2825877943116252,1832519496106477887,1600000080000,200000,NULL,'Another','Somebody','',NULL,NULL,NULL);
CREATE TABLE play (
	id BIGINT NOT NULL, 
	zone TEXT NOT NULL, 
	counted_at_ms BIGINT NOT NULL, 
	twin_of BIGINT, 
	play TEXT NOT NULL, 
	CONSTRAINT pk_play PRIMARY KEY (id)
);
INSERT INTO "play" VALUES(1,'home',60000,NULL,'{"id":1,"zone":"home","track":{"uri":"spotify:track:0000000000000000000001","name":"A song","artists":["Somebody","Else"],"duration_ms":200000,"isrc":"QZES71982312","album":null,"artwork_url":null,"is_playable":true,"year":null},"began_at_ms":30000,"counted_at_ms":60000,"heard_ms":30000,"threshold_ms":30000,"offset_ms":-30000,"rules":"spinstack","why":"heard for 0:30 of 3:20","twin_of":null,"room":"house","tier":"CONFIRMED","ledger_id":1}');
INSERT INTO "play" VALUES(2,'kitchen',120000,1,'{"id":2,"zone":"kitchen","track":{"uri":"spotify:track:0000000000000000000001","name":"A song","artists":["Somebody","Else"],"duration_ms":200000,"isrc":"QZES71982312","album":null,"artwork_url":null,"is_playable":true,"year":null},"began_at_ms":90000,"counted_at_ms":120000,"heard_ms":30000,"threshold_ms":30000,"offset_ms":-30000,"rules":"spinstack","why":"heard for 0:30 of 3:20","twin_of":1,"room":"house","tier":"CONFIRMED","ledger_id":1}');
CREATE TABLE playlist (
	id TEXT NOT NULL, 
	name TEXT NOT NULL, 
	snapshot TEXT NOT NULL, 
	position BIGINT NOT NULL, 
	CONSTRAINT pk_playlist PRIMARY KEY (id)
);
INSERT INTO "playlist" VALUES('list-1','Evenings','s1',1);
CREATE TABLE playlist_item (
	playlist TEXT NOT NULL, 
	position BIGINT NOT NULL, 
	track TEXT NOT NULL, 
	CONSTRAINT pk_playlist_item PRIMARY KEY (playlist, position)
);
INSERT INTO "playlist_item" VALUES('list-1',0,'{"uri":"spotify:track:0000000000000000000001","name":"A song","artists":["Somebody","Else"],"duration_ms":200000,"isrc":"QZES71982312","album":null,"artwork_url":null,"is_playable":true,"year":null}');
INSERT INTO "playlist_item" VALUES('list-1',1,'{"uri":"spotify:track:0000000000000000000002","name":"A song","artists":["Somebody","Else"],"duration_ms":200000,"isrc":"QZES71982312","album":null,"artwork_url":null,"is_playable":true,"year":null}');
CREATE TABLE receipt (
	id BIGINT NOT NULL, 
	room TEXT NOT NULL, 
	uri TEXT NOT NULL, 
	event_id BIGINT, 
	receipt TEXT NOT NULL, 
	CONSTRAINT pk_receipt PRIMARY KEY (id), 
	CONSTRAINT uq_receipt_event_id_room_uri UNIQUE (event_id, room, uri)
);
INSERT INTO "receipt" VALUES(1,'house','spotify:track:0000000000000000000001',2,'{"id":1,"room":"house","track":{"uri":"spotify:track:0000000000000000000001","name":"A song","artists":["Somebody","Else"],"duration_ms":200000,"isrc":"QZES71982312","album":null,"artwork_url":null,"is_playable":true,"year":null},"kind":"SKIPPED","before":{"track":{"uri":"spotify:track:0000000000000000000001","name":"A song","artists":["Somebody","Else"],"duration_ms":200000,"isrc":"QZES71982312","album":null,"artwork_url":null,"is_playable":true,"year":null},"tier":"CONFIRMED","strikes":1,"since_ms":7,"why":"mined","source":"","confidence":null},"after":{"track":{"uri":"spotify:track:0000000000000000000001","name":"A song","artists":["Somebody","Else"],"duration_ms":200000,"isrc":"QZES71982312","album":null,"artwork_url":null,"is_playable":true,"year":null},"tier":"SAFE_SIDE","strikes":1,"since_ms":7,"why":"mined","source":"","confidence":null},"at_ms":12000,"why":"skipped at 0:11","event_id":2,"zone":"home","heard_ms":11000,"duration_ms":200000,"undoes":[],"group":null}');
INSERT INTO "receipt" VALUES(2,'house','spotify:track:0000000000000000000001',NULL,'{"id":2,"room":"house","track":{"uri":"spotify:track:0000000000000000000001","name":"A song","artists":["Somebody","Else"],"duration_ms":200000,"isrc":"QZES71982312","album":null,"artwork_url":null,"is_playable":true,"year":null},"kind":"UNDO","before":{"track":{"uri":"spotify:track:0000000000000000000001","name":"A song","artists":["Somebody","Else"],"duration_ms":200000,"isrc":"QZES71982312","album":null,"artwork_url":null,"is_playable":true,"year":null},"tier":"CONFIRMED","strikes":1,"since_ms":7,"why":"mined","source":"","confidence":null},"after":{"track":{"uri":"spotify:track:0000000000000000000001","name":"A song","artists":["Somebody","Else"],"duration_ms":200000,"isrc":"QZES71982312","album":null,"artwork_url":null,"is_playable":true,"year":null},"tier":"SAFE_SIDE","strikes":1,"since_ms":7,"why":"mined","source":"","confidence":null},"at_ms":12000,"why":"skipped at 0:11","event_id":null,"zone":"home","heard_ms":11000,"duration_ms":200000,"undoes":[1],"group":null}');
CREATE TABLE receipt_undo (
	undo_id BIGINT NOT NULL, 
	receipt_id BIGINT NOT NULL, 
	CONSTRAINT pk_receipt_undo PRIMARY KEY (undo_id, receipt_id)
);
INSERT INTO "receipt_undo" VALUES(2,1);
CREATE TABLE sort_label (
	id BIGINT NOT NULL, 
	layer TEXT NOT NULL, 
	uri TEXT NOT NULL, 
	label TEXT NOT NULL, 
	CONSTRAINT pk_sort_label PRIMARY KEY (id)
);
INSERT INTO "sort_label" VALUES(1,'moods','spotify:track:0000000000000000000001','{"uri":"spotify:track:0000000000000000000001","fits":["calm"],"misfits":["wild"],"origin":"asked","at_ms":1}');
CREATE TABLE sort_place (
	layer TEXT NOT NULL, 
	uri TEXT NOT NULL, 
	position BIGINT NOT NULL, 
	place TEXT NOT NULL, 
	CONSTRAINT pk_sort_place PRIMARY KEY (layer, uri)
);
INSERT INTO "sort_place" VALUES('moods','spotify:track:0000000000000000000001',0,'{"uri":"spotify:track:0000000000000000000001","sublists":["calm"],"standing":"sure","chance":0.75,"likely":["calm"],"why":"sounds like others there"}');
INSERT INTO "sort_place" VALUES('moods','spotify:track:0000000000000000000002',1,'{"uri":"spotify:track:0000000000000000000002","sublists":[],"standing":"doubtful","chance":0.75,"likely":["calm"],"why":"sounds like others there"}');
CREATE TABLE sort_version (
	id BIGINT NOT NULL, 
	layer TEXT NOT NULL, 
	version TEXT NOT NULL, 
	CONSTRAINT pk_sort_version PRIMARY KEY (id)
);
INSERT INTO "sort_version" VALUES(1,'moods','{"id":1,"layer":"moods","at_ms":1,"labels":30,"model":"logistic","status":"adopted","accuracy":0.625,"low":0.5,"high":0.75,"calibration_error":0.03125,"before":0.5,"scores":[["knn",0.5],["logistic",0.625]],"file":"moods-1","why":""}');
CREATE TABLE sort_write (
	id BIGINT NOT NULL, 
	layer TEXT NOT NULL, 
	status TEXT NOT NULL, 
	write TEXT NOT NULL, 
	CONSTRAINT pk_sort_write PRIMARY KEY (id)
);
INSERT INTO "sort_write" VALUES(1,'moods','begun','{"id":1,"batch":1,"layer":"moods","sublist":"calm","name":"Calm","playlist":"p1","former":["spotify:track:0000000000000000000000"],"wanted":["spotify:track:0000000000000000000000","spotify:track:0000000000000000000001"],"ours_before":[],"ours":["spotify:track:0000000000000000000001"],"at_ms":1,"status":"begun","is_new":false,"is_back":false}');
CREATE TABLE station (
	"key" TEXT NOT NULL, 
	position BIGINT NOT NULL, 
	station TEXT NOT NULL, 
	CONSTRAINT pk_station PRIMARY KEY ("key")
);
INSERT INTO "station" VALUES('friday',1,'{"key":"friday","name":"Friday","seeds":[{"artist":"Somebody","track":""},{"artist":"Another","track":"A song"}],"tuning":{"style":1.0,"likes":1.0,"dislikes":1.0,"adventure":0.25,"drift":0.5,"rule":"share"},"origin":"playlist:p1","room":"house","created_at_ms":5,"chance":7}');
CREATE TABLE station_vote (
	id BIGINT NOT NULL, 
	station TEXT NOT NULL, 
	vote TEXT NOT NULL, 
	CONSTRAINT pk_station_vote PRIMARY KEY (id)
);
INSERT INTO "station_vote" VALUES(1,'friday','{"id":1,"station":"friday","kind":"dislike","track":{"uri":"spotify:track:0000000000000000000001","name":"A song","artists":["Somebody","Else"],"duration_ms":200000,"isrc":"QZES71982312","album":null,"artwork_url":null,"is_playable":true,"year":null},"at_ms":6,"event_id":2,"why":"skipped after 3 s"}');
CREATE TABLE zone_state (
	zone TEXT NOT NULL, 
	state TEXT NOT NULL, 
	CONSTRAINT pk_zone_state PRIMARY KEY (zone)
);
INSERT INTO "zone_state" VALUES('home','{"step": 1}');
CREATE INDEX ix_event_is_done_id ON event (is_done, id);
CREATE INDEX ix_receipt_room_id ON receipt (room, id);
CREATE INDEX ix_liked_added_at_us_uri ON liked (added_at_us, uri);
CREATE INDEX ix_play_counted_at_ms ON play (counted_at_ms);
CREATE INDEX ix_play_twin_of ON play (twin_of);
CREATE INDEX ix_delivery_target_status_next_try_ms ON delivery (target, status, next_try_ms);
CREATE INDEX ix_finding_kind_at_ms ON finding (kind, at_ms);
CREATE INDEX ix_sort_label_layer_uri_id ON sort_label (layer, uri, id);
CREATE INDEX ix_sort_version_layer_id ON sort_version (layer, id);
CREATE INDEX ix_sort_write_layer_id ON sort_write (layer, id);
CREATE INDEX ix_station_vote_station_id ON station_vote (station, id);
COMMIT;
