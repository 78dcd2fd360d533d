//! PEM files below folders.

use std::fs;
use std::path::Path;

use super::issue::Fault;

/// The files below a folder whose names end in `.pem`, in the order of their names. Links to folders are not followed.
pub(super) fn pem_files(folder: &str) -> Result<Vec<String>, Fault> {
    let mut files = Vec::new();
    walk(Path::new(folder), &mut files)?;
    Ok(files)
}

fn walk(folder: &Path, files: &mut Vec<String>) -> Result<(), Fault> {
    let fault = |error: std::io::Error| {
        format!("the folder `{}` cannot be read: {error}", folder.display())
    };
    let mut entries: Vec<_> = fs::read_dir(folder)
        .and_then(Iterator::collect)
        .map_err(fault)?;
    entries.sort_by_key(fs::DirEntry::file_name);
    for entry in entries {
        let path = entry.path();
        if entry.file_type().map_err(fault)?.is_dir() {
            walk(&path, files)?;
        } else if let Some(path) = path.to_str()
            && (path.len() > 4 && path.is_char_boundary(path.len() - 4))
            && path[path.len() - 4..].eq_ignore_ascii_case(".pem")
        {
            files.push(path.to_owned());
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::pem_files;

    #[test]
    fn pem_files_are_found_in_folders_below_too() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        fs::create_dir(at("b")).unwrap();
        for name in ["c.PEM", "b/x.pem", "a.pem", "a.crt", "é.pem"] {
            fs::write(at(name), "").unwrap();
        }
        let found = pem_files(folder.path().to_str().unwrap()).unwrap();
        let expected = ["a.pem", "b/x.pem", "c.PEM", "é.pem"].map(at);
        assert_eq!(
            found,
            expected.map(|path| path.to_str().unwrap().to_owned())
        );
        assert!(pem_files("/nonexistent").is_err());
    }
}
