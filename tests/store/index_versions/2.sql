-- An index as schema version 2 left it.
BEGIN TRANSACTION;
CREATE TABLE drawing (quota TEXT NOT NULL, folder TEXT NOT NULL, PRIMARY KEY (quota, folder)) WITHOUT ROWID;
CREATE TABLE factors (
    run_id TEXT NOT NULL, factor TEXT NOT NULL, levels TEXT NOT NULL, places TEXT NOT NULL,
    PRIMARY KEY (run_id, factor)
) WITHOUT ROWID;
CREATE TABLE ledger (
    run_id TEXT NOT NULL, key TEXT NOT NULL, claim INTEGER NOT NULL, fingerprint TEXT NOT NULL, state TEXT NOT NULL,
    day TEXT NOT NULL, real_micro INTEGER NOT NULL, simulated_micro INTEGER NOT NULL,
    PRIMARY KEY (run_id, key, claim)
) WITHOUT ROWID;
INSERT INTO "ledger" VALUES('20261101-101500-ab12','trial:0',0,'0000000000000000000000000000000000000000000000000000000000000000','spent','2026-11-01',80000,0);
INSERT INTO "ledger" VALUES('20261101-101500-ab12','trial:1',0,'0000000000000000000000000000000000000000000000000000000000000001','spent','2026-11-01',80000,0);
INSERT INTO "ledger" VALUES('20261101-101500-ab12','trial:2',0,'0000000000000000000000000000000000000000000000000000000000000002','spent','2026-11-01',80000,0);
INSERT INTO "ledger" VALUES('20261101-101500-ab12','trial:3',0,'0000000000000000000000000000000000000000000000000000000000000003','uncertain','2026-11-01',80000,0);
CREATE TABLE marks (
    run_id TEXT NOT NULL, scorer TEXT NOT NULL, trial INTEGER NOT NULL, value REAL NOT NULL,
    PRIMARY KEY (run_id, scorer, trial)
) WITHOUT ROWID;
CREATE TABLE pictures (
    fingerprint TEXT PRIMARY KEY, state TEXT NOT NULL, digest TEXT NOT NULL, output_format TEXT NOT NULL
) WITHOUT ROWID;
INSERT INTO "pictures" VALUES('0000000000000000000000000000000000000000000000000000000000000000','done','0000000000000000000000000000000000000000000000000000000000000010','png');
INSERT INTO "pictures" VALUES('0000000000000000000000000000000000000000000000000000000000000001','done','0000000000000000000000000000000000000000000000000000000000000011','png');
INSERT INTO "pictures" VALUES('0000000000000000000000000000000000000000000000000000000000000002','done','0000000000000000000000000000000000000000000000000000000000000012','png');
CREATE TABLE rates (quota TEXT PRIMARY KEY, learnt TEXT NOT NULL) WITHOUT ROWID;
INSERT INTO "rates" VALUES('stability.sd3-5-large-v1:0@us-west-2','{"per_s":4.5}');
CREATE TABLE runs (
    run_id TEXT PRIMARY KEY, experiment TEXT NOT NULL, folder TEXT NOT NULL, state TEXT NOT NULL,
    started_at TEXT NOT NULL, finished_at TEXT NOT NULL, note TEXT NOT NULL, planned INTEGER NOT NULL,
    simulated INTEGER NOT NULL
) WITHOUT ROWID;
INSERT INTO "runs" VALUES('20261101-101500-ab12','mug-hero','experiments/mug-hero/runs/20261101-101500-ab12','done','2026-11-01T10:15:00.000000Z','2026-11-01T10:16:00.000000Z','first try',4,0);
CREATE TABLE scores (key TEXT PRIMARY KEY, score TEXT NOT NULL) WITHOUT ROWID;
INSERT INTO "scores" VALUES('k','{"value": 4.5}');
CREATE TABLE totals (
    scope TEXT PRIMARY KEY, real_micro INTEGER NOT NULL, simulated_micro INTEGER NOT NULL,
    reserved_micro INTEGER NOT NULL
) WITHOUT ROWID;
INSERT INTO "totals" VALUES('day:2026-11-01',320000,0,0);
INSERT INTO "totals" VALUES('lab',320000,0,0);
INSERT INTO "totals" VALUES('run:20261101-101500-ab12',320000,0,0);
CREATE TABLE trials (
    run_id TEXT NOT NULL, trial INTEGER NOT NULL, fingerprint TEXT NOT NULL, state TEXT NOT NULL, digest TEXT NOT NULL,
    output_format TEXT NOT NULL, cached INTEGER NOT NULL, cost_micro INTEGER NOT NULL, seconds REAL NOT NULL,
    sends INTEGER NOT NULL, reason TEXT NOT NULL, at TEXT NOT NULL,
    PRIMARY KEY (run_id, trial)
) WITHOUT ROWID;
INSERT INTO "trials" VALUES('20261101-101500-ab12',0,'0000000000000000000000000000000000000000000000000000000000000000','done','0000000000000000000000000000000000000000000000000000000000000010','png',0,80000,5.5,1,'','2026-11-01T10:15:30.000000Z');
INSERT INTO "trials" VALUES('20261101-101500-ab12',1,'0000000000000000000000000000000000000000000000000000000000000001','done','0000000000000000000000000000000000000000000000000000000000000011','png',0,80000,5.5,1,'','2026-11-01T10:15:30.000000Z');
INSERT INTO "trials" VALUES('20261101-101500-ab12',2,'0000000000000000000000000000000000000000000000000000000000000002','done','0000000000000000000000000000000000000000000000000000000000000012','png',0,80000,5.5,1,'','2026-11-01T10:15:30.000000Z');
INSERT INTO "trials" VALUES('20261101-101500-ab12',3,'0000000000000000000000000000000000000000000000000000000000000003','uncertain','','',0,80000,5.5,1,'','2026-11-01T10:15:30.000000Z');
CREATE INDEX ledger_by_fingerprint ON ledger (fingerprint, state);
CREATE TRIGGER ledger_added AFTER INSERT ON ledger WHEN NEW.real_micro + NEW.simulated_micro > 0 BEGIN
INSERT INTO totals VALUES ('lab', +NEW.real_micro, +NEW.simulated_micro, +(CASE NEW.state WHEN 'sent' THEN NEW.real_micro ELSE 0 END)) ON CONFLICT (scope) DO UPDATE SET real_micro = real_micro + excluded.real_micro, simulated_micro = simulated_micro + excluded.simulated_micro, reserved_micro = reserved_micro + excluded.reserved_micro;
INSERT INTO totals VALUES ('run:' || NEW.run_id, +NEW.real_micro, +NEW.simulated_micro, +(CASE NEW.state WHEN 'sent' THEN NEW.real_micro ELSE 0 END)) ON CONFLICT (scope) DO UPDATE SET real_micro = real_micro + excluded.real_micro, simulated_micro = simulated_micro + excluded.simulated_micro, reserved_micro = reserved_micro + excluded.reserved_micro;
INSERT INTO totals VALUES ('day:' || NEW.day, +NEW.real_micro, +NEW.simulated_micro, +(CASE NEW.state WHEN 'sent' THEN NEW.real_micro ELSE 0 END)) ON CONFLICT (scope) DO UPDATE SET real_micro = real_micro + excluded.real_micro, simulated_micro = simulated_micro + excluded.simulated_micro, reserved_micro = reserved_micro + excluded.reserved_micro;
END;
CREATE TRIGGER ledger_taken AFTER DELETE ON ledger WHEN OLD.real_micro + OLD.simulated_micro > 0 BEGIN
INSERT INTO totals VALUES ('lab', -OLD.real_micro, -OLD.simulated_micro, -(CASE OLD.state WHEN 'sent' THEN OLD.real_micro ELSE 0 END)) ON CONFLICT (scope) DO UPDATE SET real_micro = real_micro + excluded.real_micro, simulated_micro = simulated_micro + excluded.simulated_micro, reserved_micro = reserved_micro + excluded.reserved_micro;
INSERT INTO totals VALUES ('run:' || OLD.run_id, -OLD.real_micro, -OLD.simulated_micro, -(CASE OLD.state WHEN 'sent' THEN OLD.real_micro ELSE 0 END)) ON CONFLICT (scope) DO UPDATE SET real_micro = real_micro + excluded.real_micro, simulated_micro = simulated_micro + excluded.simulated_micro, reserved_micro = reserved_micro + excluded.reserved_micro;
INSERT INTO totals VALUES ('day:' || OLD.day, -OLD.real_micro, -OLD.simulated_micro, -(CASE OLD.state WHEN 'sent' THEN OLD.real_micro ELSE 0 END)) ON CONFLICT (scope) DO UPDATE SET real_micro = real_micro + excluded.real_micro, simulated_micro = simulated_micro + excluded.simulated_micro, reserved_micro = reserved_micro + excluded.reserved_micro;
END;
CREATE TRIGGER ledger_changed AFTER UPDATE ON ledger WHEN OLD.real_micro + OLD.simulated_micro > 0 OR NEW.real_micro + NEW.simulated_micro > 0 BEGIN
INSERT INTO totals VALUES ('lab', -OLD.real_micro, -OLD.simulated_micro, -(CASE OLD.state WHEN 'sent' THEN OLD.real_micro ELSE 0 END)) ON CONFLICT (scope) DO UPDATE SET real_micro = real_micro + excluded.real_micro, simulated_micro = simulated_micro + excluded.simulated_micro, reserved_micro = reserved_micro + excluded.reserved_micro;
INSERT INTO totals VALUES ('run:' || OLD.run_id, -OLD.real_micro, -OLD.simulated_micro, -(CASE OLD.state WHEN 'sent' THEN OLD.real_micro ELSE 0 END)) ON CONFLICT (scope) DO UPDATE SET real_micro = real_micro + excluded.real_micro, simulated_micro = simulated_micro + excluded.simulated_micro, reserved_micro = reserved_micro + excluded.reserved_micro;
INSERT INTO totals VALUES ('day:' || OLD.day, -OLD.real_micro, -OLD.simulated_micro, -(CASE OLD.state WHEN 'sent' THEN OLD.real_micro ELSE 0 END)) ON CONFLICT (scope) DO UPDATE SET real_micro = real_micro + excluded.real_micro, simulated_micro = simulated_micro + excluded.simulated_micro, reserved_micro = reserved_micro + excluded.reserved_micro;
INSERT INTO totals VALUES ('lab', +NEW.real_micro, +NEW.simulated_micro, +(CASE NEW.state WHEN 'sent' THEN NEW.real_micro ELSE 0 END)) ON CONFLICT (scope) DO UPDATE SET real_micro = real_micro + excluded.real_micro, simulated_micro = simulated_micro + excluded.simulated_micro, reserved_micro = reserved_micro + excluded.reserved_micro;
INSERT INTO totals VALUES ('run:' || NEW.run_id, +NEW.real_micro, +NEW.simulated_micro, +(CASE NEW.state WHEN 'sent' THEN NEW.real_micro ELSE 0 END)) ON CONFLICT (scope) DO UPDATE SET real_micro = real_micro + excluded.real_micro, simulated_micro = simulated_micro + excluded.simulated_micro, reserved_micro = reserved_micro + excluded.reserved_micro;
INSERT INTO totals VALUES ('day:' || NEW.day, +NEW.real_micro, +NEW.simulated_micro, +(CASE NEW.state WHEN 'sent' THEN NEW.real_micro ELSE 0 END)) ON CONFLICT (scope) DO UPDATE SET real_micro = real_micro + excluded.real_micro, simulated_micro = simulated_micro + excluded.simulated_micro, reserved_micro = reserved_micro + excluded.reserved_micro;
END;
COMMIT;
PRAGMA user_version = 2;
