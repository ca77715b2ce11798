//! systemd reads every calendar expression that we accept or offer: a schedule lands in a timer as
//! it stands.

use colabc::types::text_type;
use std::process::Command;

#[test]
#[expect(clippy::print_stdout, reason = "says that it was skipped")]
fn systemd_reads_every_schedule_that_passes() {
    let check = text_type("schedule").expect("a row of that name").check;
    let mut calendars: Vec<String> = Vec::new();
    for word in ["minutely", "hourly", "daily", "weekly", "monthly", "quarterly", "yearly"] {
        calendars.push(word.to_owned());
    }
    for weekdays in ["", "Mon", "Mon..Fri", "Mon,Wed..Fri", "Sat,Sun"] {
        for date in ["", "*-*-*", "*-*-01", "*-*~03", "02-29", "*-01,07-1..7", "2027..2030-1-1/5"] {
            for time in ["", "03:30", "3:05:00", "*:0/15", "8..18/2:00", "00,12:00:30"] {
                for zone in ["", "UTC", "Europe/Berlin"] {
                    let parts = [weekdays, date, time, zone];
                    let parts: Vec<&str> = parts.into_iter().filter(|p| !p.is_empty()).collect();
                    calendars.push(parts.join(" "));
                }
            }
        }
    }
    for minute in ["0", "*/15", "5,35"] {
        for day in ["3 * *", "3 1 *", "3 */2 jan-mar", "8-18/2 * 7"] {
            let offered = check(&format!("{minute} {day} *")).expect_err("a crontab").replace;
            calendars.push(offered.expect("a form in words of systemd"));
        }
    }
    for weekday in ["0", "7", "1-5", "0-2", "mon,WED", "5-7", "*"] {
        let offered = check(&format!("0 3 * * {weekday}")).expect_err("a crontab").replace;
        calendars.push(offered.expect("a form in words of systemd"));
    }
    calendars.retain(|calendar| check(calendar).is_ok());
    assert!(calendars.len() > 600, "only {} passed", calendars.len());

    match Command::new("systemd-analyze").arg("calendar").arg("--").args(&calendars).output() {
        Ok(output) => {
            let errors = String::from_utf8_lossy(&output.stderr);
            assert!(output.status.success(), "{errors}");
        }
        Err(_) if std::env::var_os("CI").is_none_or(|ci| ci != "true") => {
            println!("*skipped*: no systemd-analyze");
        }
        Err(error) => panic!("systemd-analyze: {error}"),
    }
}
