//! The registry of codes: one row a code. A code is never used again for another thing. Its page
//! is `docs/<CODE>.md` beside this file.

use super::Severity;

/// One kind of finding.
#[derive(PartialEq, Eq, Debug)]
pub struct Code {
    /// `E0301`, `L0102`
    pub id: &'static str,
    /// A few words, for lists: "port published twice on one node".
    pub title: &'static str,
    /// Whether `allow` may silence it; lints always can.
    pub waivable: bool,
    /// The page that `colabc explain CODE` prints.
    pub page: &'static str,
}

impl Code {
    pub fn severity(&self) -> Severity {
        if self.id.starts_with('L') { Severity::Lint } else { Severity::Error }
    }

    pub fn can_be_allowed(&self) -> bool {
        self.waivable || self.severity() == Severity::Lint
    }
}

/// Declares the codes as constants and as one list, each with its page.
macro_rules! codes {
    ($($id:ident $title:literal $($waivable:ident)?;)*) => {
        $(pub static $id: Code = Code {
            id: stringify!($id),
            title: $title,
            waivable: codes!(@flag $($waivable)?),
            page: include_str!(concat!("docs/", stringify!($id), ".md")),
        };)*
        /// Every code, in order.
        pub static CODES: &[&Code] = &[$(&$id),*];
    };
    (@flag waivable) => { true };
    (@flag) => { false };
}

codes! {
    E0101 "text that is no part of the language";
    E0102 "text that is not closed";
    E0103 "bracket without its partner";
    E0104 "nested too deeply";
    E0105 "number or address that is not one";
    E0106 "unknown escape in text";
    E0107 "word of the language as a name";
    E0108 "missing value or type";
    E0109 "something else is expected here";
    E0110 "comma missing or out of place";
    E0111 "label that is no plain text";
    E0112 "`default`, `override` or `final` without `=`";
    E0113 "declaration inside of a value";
    E0114 "path with dots on the left";
    E0115 "comment of another language";
    E0116 "another sign than `=`, `==` or `:`";
    E0117 "operators that do not go together";
    E0201 "unknown word at the top of a file";
    E0202 "unknown field";
    E0203 "declared twice";
    E0204 "unknown name";
    E0205 "a type that cannot be read";
    E0206 "unknown template";
    E0207 "a name missing, or one too many";
    E0208 "nothing of that name inside";
    E0209 "unknown word of a closed set";
    E0210 "a name of more than one thing";
    E0211 "a name that hides a word of the language";
    E0212 "not in this form, or not in this place";
    E0213 "a function or word called wrongly";
    E0214 "no such thing in scope";
    E0215 "set twice in one block";
    E0216 "an allowance for no finding";
    E0301 "a value of another type";
    E0302 "a text that is not what its type says";
    E0303 "a value out of its bounds";
    E0304 "values that do not go together";
    E0305 "a field that is missing";
    E0306 "none where a value is needed";
    E0307 "a value that does not print";
    E0308 "arithmetic without a result";
    E0309 "a value that needs itself";
    E0310 "none of several fields, or more than one";
    E0401 "layers of equal rank disagree";
    E0402 "a wider layer changed without a word";
    E0403 "a final value changed";
    E0404 "a field that no layer may set";
    E0405 "nothing there to remove";
    E0406 "a word of strength out of place";
    E0501 "a service that fits no node";
    E0502 "nodes that fit equally well";
    E0503 "placement that depends on more than facts";
    E0504 "a service on a node that is not there for it";
    E0505 "which one is meant?";
    E0506 "no network in common";
    E0507 "a port that cannot be reached";
    E0508 "a port for a smaller audience";
    E0509 "a location without a path there";
    E0510 "a service that does not run there";
    E0511 "something that is left out";
    E0601 "unknown secret";
    E0602 "a secret that would leak";
    E0603 "a name of more than one secret";
    E0604 "two secrets under one name";
    E0701 "no such file";
    E0702 "imports in a circle";
    E0703 "a file outside the project";
    E0704 "a file that cannot be read";
    E0705 "an edition that this compiler does not know";
    E0801 "a value that a file cannot say";
    E0802 "a file that cannot be";
    E0803 "a raw key that a field says, or nobody knows";
    E0804 "something that Compose cannot do";
    E0805 "a generated file that nobody makes there";
    E0901 "an assertion that does not hold";
    E1001 "an address outside of its network";
    E1002 "one address of two machines";
    E1003 "networks that overlap" waivable;
    E1004 "one name of two things";
    E1005 "a site outside of the domain";
    E1006 "two sites with one name, or two routes with one path";
    E1007 "a wildcard in the place of a name";
    E1008 "an address that is taken by its network";
    E1009 "a pool outside of its network";
    E1010 "two groups with one name";
    E1011 "two containers with one name";
    E1012 "one hardware address of two machines" waivable;
    E1013 "two accounts with one number";
    E1101 "one port taken twice";
    E1102 "a port for a network that its node lacks";
    E1103 "a site that leads nowhere";
    E1104 "a site that nobody serves";
    E1105 "a site for more than its ingress lets in";
    E1106 "a port bound beyond its audience";
    E1107 "an address in a text that leads nowhere";
    E1108 "a container on a network of nodes";
    E1109 "a network that nobody creates";
    E1110 "a bridge that ends at its node";
    E1111 "a share over a network that a client lacks";
    E1112 "a mirror that is the cluster's own";
    E1113 "a tool that reads nothing from here";
    E1114 "a certificate that no authority gives";
    E1115 "a mapped port where nothing maps";
    E1201 "a path that no mount provides";
    E1202 "a location that its node does not have";
    E1203 "a database on a mounted share";
    E1204 "a share bound by a desktop engine";
    E1205 "the engine's data on a share";
    E1206 "a backup onto the disk that it saves" waivable;
    E1207 "a backup that does not fit";
    E1208 "a backup of what its node does not have";
    E1209 "one directory shared by two protocols";
    E1210 "two mounts at one place";
    E1211 "two things at one path of a container";
    E1212 "data on a machine that is not always there" waivable;
    E1213 "a place that another mount hides";
    E1214 "a disk inside of a share";
    E1215 "copies in each other's way";
    E1301 "a store that needs itself";
    E1302 "a secret written out";
    E1303 "a password kept on a disk";
    E1401 "a machine of which too little is known";
    E1402 "a graphics processor that is not there";
    E1403 "an image for another processor";
    E1404 "more memory or processors than there are";
    E1405 "a node that lacks what the service needs";
    E1406 "containers on a node without an engine";
    E1407 "a unit that its node cannot start";
    E1408 "data on a node that nobody named";
    E1501 "containers that wait for each other";
    E1502 "services that wait for each other";
    E1503 "units that wait for each other";
    E1504 "nodes that are reached through each other";
    E1505 "a container that waits for another service's";
    E1506 "a start that needs itself";
    E1507 "tasks that wait for each other";
    E1508 "decisions that replace each other";
    E1509 "a task that its node does not have";
    E1601 "two owners of one file";
    E1602 "a second home for a compose file";
    E1603 "a task that the compiler makes";
    E1604 "a command that writes into an owned file";
    E1701 "a rollback that comes back";
    L0101 "a file that nothing imports";
    L0102 "an always-on service without a health check";
    L0103 "an override that changes nothing";
    L0104 "a default that never holds";
    L0105 "a value twice in a set";
    L0106 "a declaration that nothing uses";
    L0107 "a secret that nothing uses";
    L0108 "an allowance that allows nothing";
    L0109 "an allowance that has run out";
    L0110 "a doc comment of nothing";
    L0201 "an image that changes under its name";
    L0202 "a container without a limit of memory";
    L0203 "a share with data and no backup";
    L0204 "a container with all rights of its host";
    L0205 "a running database saved as files";
    L0206 "a low port without need";
    L0207 "services that need each other";
    L0208 "something that never happens";
}

/// The code of that name.
pub fn find(id: &str) -> Option<&'static Code> {
    CODES.iter().copied().find(|code| code.id.eq_ignore_ascii_case(id))
}
